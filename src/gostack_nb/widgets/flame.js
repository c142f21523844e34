// A flame graph, entry functions on top: a click fills the width with one call, the search marks names.

const BOX_HEIGHT = 20;

function flameOf() {
  const place = el("div", { class: "gs-boxes", role: "tree", "aria-label": "calls" });
  const said = el("span", { class: "gs-said", role: "status" });
  const find = el("input", { type: "search", placeholder: "mark functions", on: { input: () => mark() } });
  const node = el(
    "div",
    { class: "gs-flame" },
    el("div", { class: "gs-row" }, labelled("Search", find), button("Whole width", () => reset()), said),
    place,
  );
  let data = null, boxes = [], whole = null, zoomed = null;

  function show(sent) {
    data = sent;
    whole = { start: 0, count: data.total, depth: -1 };
    boxes = data.depth.map((_, number) => boxOf(number));
    place.replaceChildren(...boxes);
    const out = data.left_out ? `${numbered(data.left_out)} small calls are left out` : "";
    place.title = out;
    zoomed = whole;
    mark();
    if (!boxes.length) { said.textContent = "no goroutines to draw"; }
    draw();
  }

  function boxOf(number) {
    const name = data.names[data.name[number]];
    const box = el(
      "div",
      {
        class: data.yours[number] ? "gs-box gs-yours" : "gs-box",
        role: "treeitem",
        tabindex: 0,
        "aria-level": data.depth[number] + 1,
        title: `${name}\n${numbered(data.count[number])} goroutines, ${numbered(data.self[number])} wait here`,
        on: {
          click: () => zoom(number),
          keydown: (event) => {
            if (event.key === "Enter" || event.key === " ") { event.preventDefault(); zoom(number); }
            if (event.key === "Escape") { event.stopPropagation(); reset(); }
          },
        },
      },
      name,
    );
    return box;
  }

  function draw() {
    const end = zoomed.start + zoomed.count;
    boxes.forEach((box, number) => {
      const start = data.start[number], stop = start + data.count[number], depth = data.depth[number];
      const above = depth < zoomed.depth && start <= zoomed.start && stop >= end;
      const from = Math.max(start, zoomed.start), to = Math.min(stop, end);
      box.hidden = !(start < end && stop > zoomed.start && (depth >= zoomed.depth || above));
      box.style.left = 100 * (from - zoomed.start) / zoomed.count + "%";
      box.style.width = 100 * Math.max(to - from, 0) / zoomed.count + "%";
      box.style.top = BOX_HEIGHT * depth + "px";
      box.classList.toggle("gs-above", above);
    });
    place.style.height = BOX_HEIGHT * (data.depth.reduce((most, depth) => Math.max(most, depth), 0) + 1) + "px";
  }

  function zoom(number) {
    zoomed = { start: data.start[number], count: data.count[number], depth: data.depth[number] };
    const name = data.names[data.name[number]];
    said.textContent = `${name}: ${numbered(zoomed.count)} of ${numbered(data.total)} goroutines`;
    draw();
  }

  function reset() {
    zoomed = whole;
    mark();
    draw();
  }

  function mark() {
    const text = find.value.toLowerCase();
    const spans = [];
    boxes.forEach((box, number) => {
      const hit = text !== "" && data.names[data.name[number]].toLowerCase().includes(text);
      box.classList.toggle("gs-found", hit);
      if (hit) { spans.push([data.start[number], data.start[number] + data.count[number]]); }
    });
    said.textContent = text === "" ? "" : `${numbered(covered(spans))} of ${numbered(data.total)} goroutines`;
  }

  return { node, show };
}

function covered(spans) {
  let found = 0, reached = 0;
  for (const [start, end] of spans.sort((one, other) => one[0] - other[0])) {
    found += Math.max(0, end - Math.max(start, reached));
    reached = Math.max(reached, end);
  }
  return found;
}
