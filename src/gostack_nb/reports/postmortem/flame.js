"use strict";
// The calls of the report as boxes: a click fills the width with one, the search marks names. All text is set as text.
(function () {
  const data = JSON.parse(document.getElementById("flame-data").textContent);
  const place = document.getElementById("flame-boxes");
  if (!place || !data.depth.length) { return; }
  const said = document.getElementById("flame-said");
  const find = document.getElementById("flame-find");
  const rowHeight = 20;
  const total = data.total;
  let zoomed = { start: 0, count: total, depth: -1 };

  const boxes = data.depth.map(function (depth, number) {
    const box = document.createElement("div");
    const name = data.names[data.name[number]];
    box.textContent = name;
    box.title = name + "\n" + data.count[number].toLocaleString("en") + " goroutines, " +
      data.self[number].toLocaleString("en") + " wait here";
    box.className = data.yours[number] ? "yours" : "";
    box.tabIndex = 0;
    box.setAttribute("role", "treeitem");
    box.setAttribute("aria-level", String(depth + 1));
    box.addEventListener("click", function () { zoom(number); });
    box.addEventListener("keydown", function (event) {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); zoom(number); }
    });
    place.appendChild(box);
    return box;
  });

  function describe(text) { said.textContent = text; }

  function draw() {
    const end = zoomed.start + zoomed.count;
    boxes.forEach(function (box, number) {
      const start = data.start[number], count = data.count[number];
      const above = data.depth[number] < zoomed.depth && start <= zoomed.start && start + count >= end;
      const inside = start < end && start + count > zoomed.start && (data.depth[number] >= zoomed.depth || above);
      const from = Math.max(start, zoomed.start), to = Math.min(start + count, end);
      box.hidden = !inside;
      box.style.left = (100 * (from - zoomed.start) / zoomed.count) + "%";
      box.style.width = (100 * Math.max(to - from, 0) / zoomed.count) + "%";
      box.style.top = (rowHeight * data.depth[number]) + "px";
      box.classList.toggle("above", above);
    });
    place.style.height = (rowHeight * (Math.max.apply(null, data.depth) + 1)) + "px";
  }

  function zoom(number) {
    zoomed = { start: data.start[number], count: data.count[number], depth: data.depth[number] };
    describe(data.names[data.name[number]] + ": " + zoomed.count.toLocaleString("en") + " of " +
      total.toLocaleString("en") + " goroutines");
    draw();
  }

  function reset() {
    zoomed = { start: 0, count: total, depth: -1 };
    describe("");
    draw();
  }

  function search() {
    const text = find.value.toLowerCase();
    const spans = [];
    boxes.forEach(function (box, number) {
      const hit = text !== "" && data.names[data.name[number]].toLowerCase().includes(text);
      box.classList.toggle("found", hit);
      if (hit) { spans.push([data.start[number], data.start[number] + data.count[number]]); }
    });
    spans.sort(function (one, other) { return one[0] - other[0]; });
    let found = 0, reached = 0;
    spans.forEach(function (span) {
      found += Math.max(0, span[1] - Math.max(span[0], reached));
      reached = Math.max(reached, span[1]);
    });
    describe(text === "" ? "" : found.toLocaleString("en") + " of " + total.toLocaleString("en") + " goroutines");
  }

  find.addEventListener("input", search);
  function showAll() { find.value = ""; search(); reset(); }

  const flame = document.getElementById("flame");
  document.getElementById("flame-reset").addEventListener("click", showAll);
  flame.addEventListener("keydown", function (event) { if (event.key === "Escape") { showAll(); } });
  flame.hidden = false;
  const picture = document.querySelector(".flame-picture img");
  if (picture) { picture.closest("figure").classList.add("only-printed"); }
  draw();
})();
