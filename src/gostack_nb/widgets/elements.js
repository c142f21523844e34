// Elements of the page. All text is set as text: it may come from a dump.

function el(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name === "on") {
      for (const [event, action] of Object.entries(value)) { node.addEventListener(event, action); }
    } else if (name === "class") {
      node.className = value;
    } else if (value !== undefined && value !== null && value !== false) {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function button(text, action, properties) {
  return el("button", { type: "button", on: { click: action }, ...properties }, text);
}

function labelled(text, control) {
  return el("label", { class: "gs-field" }, el("span", {}, text), control);
}

// One choice of the kernel: what the user types or picks goes there, what the kernel says comes back.
function choose(model, values) {
  for (const [name, value] of Object.entries(values)) { model.set(name, value); }
  model.save_changes();
}

// Listens until the returned function is called.
function onChange(model, names, action) {
  const events = names.map((name) => "change:" + name);
  for (const event of events) { model.on(event, action); }
  return () => { for (const event of events) { model.off(event, action); } };
}

// The whole of a text that was too long to send: asked for once, put where the short one stands.
function wholeOf(model, what, which, place) {
  const answer = (sent) => {
    if (sent.what !== what || sent.which !== which) { return; }
    model.off("msg:custom", answer);
    place(sent.text);
  };
  model.on("msg:custom", answer);
  model.send({ what, which });
}

function wholeButton(model, what, which, target) {
  const node = button("whole text", () => {
    wholeOf(model, what, which, (text) => {
      target.textContent = text;
      target.tabIndex = -1;
      target.focus();
      node.remove();
    });
  }, { class: "gs-whole", "aria-label": "show the whole text" });
  return node;
}

const TYPING_PAUSE_MS = 90;

// Waits until nothing was typed for a moment; `now` does not wait.
function later(action) {
  let timer = 0;
  const run = () => {
    if (timer) { clearTimeout(timer); timer = 0; action(); }
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(run, TYPING_PAUSE_MS);
  };
  wait.now = run;
  return wait;
}

// What is drawn again keeps the focus: on the same element, else on the first that is there.
function keepFocus(place, draw) {
  const held = place.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  draw();
  if (held === undefined) { return; }
  const same = place.querySelector(`[data-key="${CSS.escape(held)}"]:not(:disabled)`);
  (same ?? place.querySelector("tr[tabindex='0']") ?? place.querySelector("button:not(:disabled)"))?.focus();
}

function numbered(value) { return value.toLocaleString("en"); }
