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

function onChange(model, names, action) {
  for (const name of names) { model.on("change:" + name, action); }
}

const TYPING_PAUSE_MS = 90;

function later(action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, TYPING_PAUSE_MS);
  };
}

function numbered(value) { return value.toLocaleString("en"); }
