// A flame graph, entry functions on top: a click or Enter fills the width with one call, the search marks names.

const BOX_HEIGHT = 20;

function flameOf(model) {
  const place = el("div", { class: "gs-boxes", role: "tree", "aria-label": "calls, entry functions on top" });
  const said = el("span", { class: "gs-said", role: "status" });
  const note = el("p", { class: "gs-note" });
  const find = el("input", { type: "search", name: "mark", placeholder: "mark functions", spellcheck: "false", autocomplete: "off" });
  const keys = "Arrow keys go from call to call, Enter or a click zooms in, Backspace zooms out, Escape shows all.";
  const out = button("Zoom out", () => zoomOut(), { "data-key": "out" });
  const all = button("Whole width", () => reset(), { "data-key": "all" });
  const node = el(
    "div",
    { class: "gs-flame" },
    el("div", { class: "gs-row" }, labelled("Search", find), out, all, said),
    note,
    place,
    el("p", { class: "gs-note" }, keys),
  );
  let data = null, boxes = [], parents = [], order = [], zoomed = -1, found = "";

  find.addEventListener("input", () => { mark(); say(); });
  find.addEventListener("keydown", (event) => {
    if (event.key === "Enter") { order.map((number) => boxes[number]).find((box) => box.classList.contains("gs-found"))?.focus(); }
    if (event.key === "Escape") { find.value = ""; mark(); say(); }
  });
  place.addEventListener("keydown", walkTree);

  function show(sent) {
    data = sent;
    boxes = data.depth.map((_, number) => boxOf(number));
    order = [...boxes.keys()].sort((one, other) => data.start[one] - data.start[other] || data.depth[one] - data.depth[other]);
    parents = parentsOf(data, order);
    const inside = place.contains(document.activeElement);
    place.replaceChildren(...order.map((number) => boxes[number]));
    note.textContent = notesOf(data).join(" ");
    zoomed = -1;
    if (boxes.length) { reach(order[0]); }
    if (inside) { boxes[order[0]]?.focus(); }
    mark();
    say();
    draw();
  }

  function boxOf(number) {
    const name = data.names[data.name[number]];
    const words = `${numbered(data.count[number])} goroutines, ${numbered(data.self[number])} wait here`;
    return el(
      "div",
      {
        class: data.yours[number] ? "gs-box gs-yours" : "gs-box",
        role: "treeitem",
        tabindex: -1,
        "aria-level": data.depth[number] + 1,
        "aria-label": `${name}: ${words}`,
        "data-box": number,
        title: `${name}\n${words}`,
        on: { click: () => zoom(number) },
      },
      name,
    );
  }

  // Tab reaches one call, the arrow keys the others.
  function reach(number) {
    boxes.forEach((box) => { box.tabIndex = -1; });
    boxes[number].tabIndex = 0;
  }

  function goTo(number) {
    if (number === undefined || number < 0) { return; }
    reach(number);
    boxes[number].focus();
  }

  function walkTree(event) {
    const number = Number(event.target.dataset.box);
    const to = {
      ArrowUp: () => goTo(parents[number]),
      ArrowDown: () => goTo(shownOf((one) => parents[one] === number)[0]),
      ArrowLeft: () => goTo(beside(number, -1)),
      ArrowRight: () => goTo(beside(number, 1)),
      Home: () => goTo(order[0]),
      Enter: () => zoom(number),
      " ": () => zoom(number),
      Backspace: zoomOut,
      Escape: reset,
    }[event.key];
    if (!to) { return; }
    event.preventDefault();
    event.stopPropagation();
    to();
  }

  function shownOf(test) { return order.filter((number) => !boxes[number].hidden && test(number)); }

  function beside(number, step) {
    const row = shownOf((one) => data.depth[one] === data.depth[number]);
    return row[row.indexOf(number) + step];
  }

  function spanOf(number) {
    return number < 0 ? { start: 0, count: data.total, depth: -1 }
      : { start: data.start[number], count: data.count[number], depth: data.depth[number] };
  }

  function draw() {
    const view = spanOf(zoomed), end = view.start + view.count;
    boxes.forEach((box, number) => {
      const start = data.start[number], stop = start + data.count[number], depth = data.depth[number];
      const above = depth < view.depth && start <= view.start && stop >= end;
      const from = Math.max(start, view.start), to = Math.min(stop, end);
      box.hidden = !(start < end && stop > view.start && (depth >= view.depth || above));
      box.style.left = 100 * (from - view.start) / view.count + "%";
      box.style.width = 100 * Math.max(to - from, 0) / view.count + "%";
      box.style.top = BOX_HEIGHT * depth + "px";
      box.classList.toggle("gs-above", above);
    });
    place.style.height = BOX_HEIGHT * (data.depth.reduce((most, depth) => Math.max(most, depth), 0) + 1) + "px";
    out.disabled = all.disabled = zoomed < 0;
  }

  function zoom(number) {
    zoomed = number;
    draw();
    say();
    if (number < 0) { return; }
    reach(number);
    if (data.names[data.name[number]].includes("…")) { tellWhole(number); }
  }

  function zoomOut() {
    if (zoomed < 0) { return; }
    const from = zoomed, held = [out, all].includes(document.activeElement);
    zoom(parents[zoomed]);
    if (held && out.disabled) { goTo(from); } // a button that is off holds no focus
  }

  function reset() {
    const from = zoomed, held = [out, all].includes(document.activeElement);
    zoom(-1);
    if (held) { goTo(from); }
  }

  function mark() {
    const text = find.value.toLowerCase();
    const spans = [];
    boxes.forEach((box, number) => {
      const hit = text !== "" && data.names[data.name[number]].toLowerCase().includes(text);
      box.classList.toggle("gs-found", hit);
      if (hit) { spans.push([data.start[number], data.start[number] + data.count[number]]); }
    });
    found = text === "" ? "" : `marked: ${numbered(covered(spans))} of ${numbered(data.total)} goroutines`;
  }

  function say() {
    if (!data) { return; }
    const parts = zoomed < 0 ? [] : [`${data.names[data.name[zoomed]]}: ${numbered(data.count[zoomed])} of ${numbered(data.total)} goroutines`];
    said.textContent = [...parts, ...(found ? [found] : [])].join("; ") || (boxes.length ? "" : "no goroutines to draw");
  }

  function tellWhole(number) {
    wholeOf(model, "box", number, (name) => {
      const words = boxes[number].title.split("\n").pop();
      boxes[number].title = `${name}\n${words}`;
      boxes[number].setAttribute("aria-label", `${name}: ${words}`);
      boxes[number].textContent = name;
      if (zoomed === number) { said.textContent = `${name}: ${words}`; }
    });
  }

  return { node, show };
}

function notesOf(data) {
  const notes = [];
  if (data.total < data.selected) {
    notes.push(`Drawn are the ${numbered(data.total)} of ${numbered(data.selected)} goroutines that are in the latest snapshot of their process.`);
  }
  if (data.left_out) { notes.push(`${data.left_out === 1 ? "1 small call is" : numbered(data.left_out) + " small calls are"} left out.`); }
  if (data.shortened) {
    const names = data.shortened === 1 ? "1 long name is" : `${numbered(data.shortened)} long names are`;
    notes.push(`${names} shortened, and searched as shown; zoom in to read one.`);
  }
  return notes;
}

// The call above each: in the order from left to right, the last one that is a level less deep.
function parentsOf(data, order) {
  const above = [], parents = [];
  for (const number of order) {
    const depth = data.depth[number];
    above[depth] = number;
    parents[number] = depth ? above[depth - 1] : -1;
  }
  return parents;
}

function covered(spans) {
  let found = 0, reached = 0;
  for (const [start, end] of spans.sort((one, other) => one[0] - other[0])) {
    found += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return found;
}
