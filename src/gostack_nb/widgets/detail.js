// What is said about one group: its stack, members, growth and meaning.

function detailOf(detail, model, close) {
  const heading = el("h4", { tabindex: -1 }, detail.title);
  const members = membersOf(model);
  members.show(detail.members);
  const node = el(
    "section",
    {
      class: "gs-detail",
      "aria-label": "the open group",
      on: { keydown: (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } } },
    },
    el(
      "div",
      { class: "gs-row" },
      heading,
      button("Keep only these", () => model.send("narrow"), { title: "add this group to the filter" }),
      button("Close", close, { title: "Escape" }),
    ),
    namesOf(detail, model),
    el(
      "div",
      { class: "gs-columns" },
      el("div", {}, stackOf(detail, model), members.node),
      el("div", {}, coursesOf(detail), meaningOf(detail)),
    ),
  );
  return { node, heading, members };
}

// What the row has in columns that are too narrow for it, such as sets of labels.
function namesOf(detail, model) {
  if (!detail.names.length) { return null; }
  const parts = detail.names.map((name) => {
    const text = el("span", {}, name.text);
    return el("p", {}, el("b", {}, name.title + ": "), text, name.cut ? wholeButton(model, "cell", name.column, text) : null);
  });
  return el("div", { class: "gs-names" }, ...parts);
}

function stackOf(detail, model) {
  const note = detail.note ? el("p", { class: "gs-note" }, detail.note) : null;
  const rest = detail.frames_left_out;
  const more = rest ? el("p", { class: "gs-note" }, `${numbered(rest)} more calls are not shown.`) : null;
  const folds = detail.folds.map((fold) => foldOf(fold, model));
  return el("div", { class: "gs-stack" }, el("h5", {}, "Stack"), note, ...folds, more);
}

function foldOf(fold, model) {
  const frames = fold.frames.map((one) => frameOf(one, fold.kind, model));
  if (fold.kind !== "std") { return el("div", { class: "gs-" + fold.kind }, ...frames); }
  const count = fold.frames.length;
  const summary = `${fold.frames[0].function}${count > 1 ? ` and ${count - 1} more` : ""} (standard library)`;
  return el("details", { class: "gs-std" }, el("summary", {}, summary), ...frames);
}

function frameOf(frame, kind, model) {
  const before = kind === "creator" ? "created by " : "";
  const texts = el(
    "div",
    {},
    el("div", { class: "gs-function" }, before + frame.function),
    el("div", { class: "gs-location" }, frame.location),
  );
  return el("div", { class: "gs-frame" }, texts, frame.cut ? wholeButton(model, "frame", frame.number, texts) : null);
}

// The members of the open group, a page of them, and the text of one.
function membersOf(model) {
  const table = el("div", {}), pager = el("div", {});
  const text = el("pre", { class: "gs-text", hidden: true, tabindex: 0, "aria-label": "text of the goroutine" });
  const read = (row) => choose(model, { member: row });
  const show = (page) => {
    keepFocus(table, () => table.replaceChildren(
      tableOf(page, { open: read, opened: model.get("member"), turn, caption: "members of the group" })));
    keepFocus(pager, () => pager.replaceChildren(pagerOf(page, turn)));
  };
  const turn = (to) => choose(model, { members_page: to });
  const say = () => {
    text.textContent = model.get("text") || model.get("problem");
    text.hidden = model.get("member") === null;
    markRow(table, model.get("member"));
  };
  const stop = onChange(model, ["text", "problem", "member"], say);
  say();
  const node = el(
    "div",
    { class: "gs-members" },
    el("h5", {}, "Members"),
    el("p", { class: "gs-note" }, "Enter or a click shows the text of one as Go printed it."),
    table,
    pager,
    text,
  );
  return { node, show, stop };
}

function meaningOf(detail) {
  const verdict = detail.verdict ? [el("p", {}, el("b", {}, "Verdict: "), detail.verdict)] : [];
  const reasons = detail.reasons.length ? [el("ul", {}, ...detail.reasons.map((text) => el("li", {}, text)))] : [];
  const sections = detail.sections.map(([heading, text]) => el("p", {}, el("b", {}, heading + ": "), text));
  return el(
    "div",
    { class: "gs-meaning" },
    el("h5", {}, detail.meaning),
    ...verdict,
    ...reasons,
    ...sections,
  );
}

const CHART = { width: 420, height: 110, left: 46, right: 12, top: 10, bottom: 20 };

function coursesOf({ courses, courses_left_out: rest }) {
  const none = courses.length ? null : el("p", {}, "Not counted: another form of dump of the same moment tells more.");
  const more = rest ? el("p", { class: "gs-note" }, `${numbered(rest)} more processes, with fewer of them, are not shown.`) : null;
  return el("div", { class: "gs-courses" }, el("h5", {}, "Growth"), ...courses.map(courseOf), none, more);
}

function courseOf(course) {
  const points = course.points;
  const first = points[0], last = points[points.length - 1];
  const name = course.process ? course.process + ": " : "";
  const change = last.count - first.count;
  const words = points.length > 1
    ? `${name}${numbered(first.count)} → ${numbered(last.count)} (${change >= 0 ? "+" : ""}${numbered(change)}) ` +
      `in ${numbered(course.snapshots)} snapshots, ${first.time} to ${last.time} UTC`
    : `${name}${numbered(first.count)}; one snapshot shows no growth`;
  const timed = points.filter((point) => point.minutes !== null);
  return el("div", {}, el("p", {}, words), timed.length > 1 ? chartOf(timed, words) : null);
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) { node.setAttribute(name, String(value)); }
  node.append(...children);
  return node;
}

function chartOf(points, words) {
  const { width, height, left, right, top, bottom } = CHART;
  const most = Math.max(1, ...points.map((point) => point.count));
  const span = points[points.length - 1].minutes || 1;
  const x = (point) => left + (width - left - right) * point.minutes / span;
  const y = (count) => top + (height - top - bottom) * (1 - count / most);
  const path = points.map((point) => `${x(point).toFixed(1)},${y(point.count).toFixed(1)}`).join(" ");
  const text = (words_, at) => svg("text", at, words_);
  const dots = points.map((point) =>
    svg("circle", { cx: x(point), cy: y(point.count), r: 2.5 }, svg("title", {}, `${point.time}: ${numbered(point.count)}`)));
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, class: "gs-chart", role: "img", "aria-label": words },
    svg("path", { d: `M${left} ${top}V${height - bottom}H${width - right}`, class: "gs-axis" }),
    svg("polyline", { points: path }),
    ...dots,
    text(numbered(most), { x: left - 6, y: top + 4, "text-anchor": "end" }),
    text("0", { x: left - 6, y: height - bottom + 4, "text-anchor": "end" }),
    text("0 min", { x: left, y: height - 5 }),
    text(`${numbered(Math.round(span * 10) / 10)} min`, { x: width - right, y: height - 5, "text-anchor": "end" }),
  );
}
