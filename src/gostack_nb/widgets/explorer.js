// The explorer: its controls hold choices, the kernel answers with what is to be shown.

const FIELDS = [
  ["state", "State", "pick"],
  ["function", "Function", "type", "text or /regex/"],
  ["package", "Package", "suggest", "net/http"],
  ["wait", "Waits at least", "type", "minutes"],
  ["label", "Label", "suggest", "role=ack"],
  ["snapshot", "Snapshot", "pick"],
  ["verdict", "Verdict", "pick"],
];
const TABS = [["table", "Table"], ["flame", "Flame graph"], ["sides", "Two snapshots"]];

function render({ model, el: root }) {
  root.classList.add("gs-explorer", "tex2jax_ignore", "mathjax_ignore");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  const undo = [];
  const listen = (names, action) => {
    onChange(model, names, action);
    undo.push(() => names.forEach((name) => model.off("change:" + name, action)));
  };
  const controls = FIELDS.map(([name, text, kind, hint]) => labelled(text, controlOf(model, listen, name, kind, hint)));
  root.replaceChildren(
    el("div", { class: "gs-row" }, ...controls, labelled("Group by", controlOf(model, listen, "group_by", "pick"))),
    queryOf(model, listen),
    problemOf(model, listen),
    tabsOf(model, listen),
    bodyOf(model, listen),
  );
  return () => undo.forEach((action) => action());
}

let lists = 0;

function controlOf(model, listen, name, kind, hint) {
  if (kind === "pick") { return pickOf(model, listen, name); }
  const input = el("input", { type: "text", placeholder: hint ?? "", name, spellcheck: "false", autocomplete: "off" });
  const send = later(() => choose(model, { [name]: input.value }));
  input.addEventListener("input", send);
  const show = () => { if (document.activeElement !== input) { input.value = model.get(name); } };
  input.addEventListener("blur", show);
  listen([name], show);
  show();
  if (kind !== "suggest") { return input; }
  const list = el("datalist", { id: `gs-list-${++lists}` });
  list.append(...(model.get("options")[name] ?? []).map((option) => el("option", { value: option.value })));
  input.setAttribute("list", list.id);
  return el("span", {}, input, list);
}

function pickOf(model, listen, name) {
  const select = el("select", { name, on: { change: () => choose(model, { [name]: select.value }) } });
  const show = () => {
    const value = model.get(name);
    const offered = model.get("options")[name] ?? [];
    const all = name === "group_by" ? [...offered] : [{ value: "", text: "all" }, ...offered];
    if (!all.some((option) => option.value === value)) { all.push({ value, text: value }); }
    select.replaceChildren(...all.map((option) => el("option", { value: option.value }, option.text)));
    select.value = value;
  };
  listen([name, "options"], show);
  show();
  return select;
}

function queryOf(model, listen) {
  const input = el("input", { type: "text", name: "query", spellcheck: "false", autocomplete: "off", class: "gs-query" });
  input.addEventListener("input", later(() => choose(model, { query: input.value })));
  const show = () => { if (document.activeElement !== input) { input.value = model.get("query"); } };
  listen(["query"], show);
  show();
  const said = el("span", { class: "gs-said", role: "status" });
  const say = () => { said.textContent = model.get("said"); };
  listen(["said"], say);
  say();
  return el("div", { class: "gs-row" }, labelled("Filter", input), said);
}

function problemOf(model, listen) {
  const node = el("div", { class: "gs-problem", role: "alert" });
  const show = () => {
    node.textContent = model.get("problem");
    node.hidden = !node.textContent;
  };
  listen(["problem"], show);
  show();
  return node;
}

function tabsOf(model, listen) {
  const tabs = TABS.map(([name, text]) =>
    button(text, () => choose(model, { shown: name }), { "data-tab": name, "aria-pressed": "false" }));
  const show = () => tabs.forEach((tab) => {
    tab.setAttribute("aria-pressed", String(tab.dataset.tab === model.get("shown")));
  });
  listen(["shown"], show);
  show();
  return el("div", { class: "gs-tabs", role: "group", "aria-label": "view" }, ...tabs);
}

function bodyOf(model, listen) {
  const list = listOf(model, listen), sides = sidesOf(model, listen), flame = flameOf();
  const drawFlame = () => { if (model.get("boxes").names) { flame.show(model.get("boxes")); } };
  const parts = { table: list, flame: flame.node, sides };
  const show = () => Object.entries(parts).forEach(([name, part]) => { part.hidden = name !== model.get("shown"); });
  listen(["boxes"], drawFlame);
  listen(["shown"], show);
  drawFlame();
  show();
  return el("div", { class: "gs-body" }, ...Object.values(parts));
}

function listOf(model, listen) {
  const table = el("div", { class: "gs-scroll" }), below = el("div", {}), detail = el("div", {});
  const close = () => {
    const row = model.get("opened");
    choose(model, { opened: null });
    table.querySelector(`tr[data-row="${row}"]`)?.focus();
  };
  const open = (row) => (model.get("opened") === row ? close() : choose(model, { opened: row }));
  const sortBy = (column) => {
    const again = model.get("sort") === column.name;
    choose(model, { sort: column.name, descending: again ? !model.get("descending") : column.right, page: 0 });
  };
  const showTable = () => {
    const page = model.get("listed");
    const focused = table.contains(document.activeElement) ? focusOf(document.activeElement) : null;
    const sorting = { column: page.sort, descending: page.descending, by: sortBy };
    table.replaceChildren(tableOf(page, { open, opened: model.get("opened"), sorting, caption: "goroutines" }));
    below.replaceChildren(pagerOf(page, (to) => choose(model, { page: to })));
    if (focused) { table.querySelector(focused)?.focus(); }
  };
  const markOpened = () => table.querySelectorAll("tr[data-row]").forEach((row) => {
    row.setAttribute("aria-expanded", String(Number(row.dataset.row) === model.get("opened")));
  });
  let shownRow = null;
  const showDetail = () => {
    const sent = model.get("detail");
    if (!sent.title) { shownRow = null; detail.replaceChildren(); return; }
    const { node, heading } = detailOf(sent, model, close);
    detail.replaceChildren(node);
    if (shownRow !== model.get("opened")) { heading.focus({ preventScroll: false }); }
    shownRow = model.get("opened");
  };
  listen(["listed"], showTable);
  listen(["opened"], markOpened);
  listen(["detail"], showDetail);
  showTable();
  showDetail();
  return el("div", {}, table, below, detail);
}

function focusOf(node) {
  if (node.dataset.row !== undefined) { return `tr[data-row="${node.dataset.row}"]`; }
  return node.dataset.column ? `button[data-column="${CSS.escape(node.dataset.column)}"]` : null;
}

function sidesOf(model, listen) {
  const table = el("div", { class: "gs-scroll" });
  const pick = (name) => {
    const offered = model.get("options").side;
    const select = el("select", { name, on: { change: () => choose(model, { [name]: select.value }) } });
    select.append(...offered.map((option) => el("option", { value: option.value }, option.text)));
    const show = () => { select.value = model.get(name); };
    listen([name], show);
    show();
    return select;
  };
  const show = () => {
    const page = model.get("sides");
    if (!page.columns) { return; }
    const rest = page.total - page.cells.length;
    table.replaceChildren(
      tableOf(page, { caption: "two snapshots" }),
      el("p", { class: "gs-note" }, rest > 0 ? `${numbered(rest)} more rows, of smaller changes` : ""),
    );
  };
  listen(["sides"], show);
  show();
  return el(
    "div",
    {},
    el("div", { class: "gs-row" }, labelled("Before", pick("before")), labelled("After", pick("after"))),
    table,
  );
}

export default { render };
