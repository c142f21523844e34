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
  // JupyterLab's shortcuts of command mode fit any element with the focus but one that says this itself: a letter typed
  // on a list, button or row would insert, cut or run cells.
  root.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
  const undo = [];
  const listen = (names, action) => { undo.push(onChange(model, names, action)); };
  const controls = FIELDS.map(([name, text, kind, hint]) => labelled(text, controlOf(model, listen, name, kind, hint)));
  const parts = el(
    "div",
    {},
    el("div", { class: "gs-row" }, ...controls, labelled("Group by", controlOf(model, listen, "group_by", "pick"))),
    queryOf(model, listen),
    problemOf(model, listen),
    tabsOf(model, listen),
    bodyOf(model, listen),
  );
  const gone = el("div", { class: "gs-problem gs-gone", role: "alert", hidden: true });
  root.replaceChildren(gone, parts);
  undo.push(watchKernel(root, model, (lost) => {
    gone.hidden = !lost;
    gone.textContent = lost ? GONE : "";
    parts.inert = lost;
  }));
  return () => undo.forEach((action) => action());
}

const GONE = "The kernel that answers here is gone: what you see stands still. Run the cell again.";

const ENDED = new Set(["dead", "terminating", "restarting", "autorestarting"]);

// No control may pretend to work when the kernel is gone. ipywidgets marks the view with a class when a kernel is
// restarted, and says nothing when it ends: that is asked of JupyterLab, where this is JupyterLab.
function watchKernel(root, model, tell) {
  const session = model.widget_manager?.context?.sessionContext;
  const kernel = session?.session?.kernel?.id;
  let ended = false;
  const look = () => {
    const now = session?.session?.kernel;
    ended ||= kernel !== undefined && (now?.id !== kernel || ENDED.has(now.status));
    tell(ended || root.classList.contains("jupyter-widgets-disconnected"));
  };
  const signals = [session?.statusChanged, session?.kernelChanged].filter((one) => one?.connect);
  signals.forEach((one) => one.connect(look));
  const watch = new MutationObserver(look);
  watch.observe(root, { attributes: true, attributeFilter: ["class"] });
  look();
  return () => {
    watch.disconnect();
    signals.forEach((one) => one.disconnect(look));
  };
}

// What a control offers: [value, text] each, and how many choices its list has no room for.
function offeredBy(model, name) {
  const options = model.get("options");
  const offered = (options[name] ?? []).map((one) => (Array.isArray(one) ? one : [one, one]));
  return { offered, rest: options.left_out?.[name] ?? 0 };
}

let lists = 0;

function controlOf(model, listen, name, kind, hint) {
  if (kind === "pick") { return pickOf(model, listen, name); }
  const input = el("input", { type: "text", placeholder: hint ?? "", name, spellcheck: "false", autocomplete: "off" });
  const send = later(() => choose(model, { [name]: input.value }));
  input.addEventListener("input", send);
  const show = () => { if (document.activeElement !== input) { input.value = model.get(name); } };
  input.addEventListener("blur", () => { send.now(); show(); });
  listen([name], show);
  show();
  if (kind !== "suggest") { return input; }
  const { offered, rest } = offeredBy(model, name);
  const list = el("datalist", { id: `gs-list-${++lists}` }, ...offered.map(([value]) => el("option", { value })));
  input.setAttribute("list", list.id);
  if (rest) { input.title = `${numbered(rest)} more than the list offers can be typed`; }
  return el("span", {}, input, list);
}

function pickOf(model, listen, name, choices = () => choicesOf(model, name)) {
  const select = el("select", { name, on: { change: () => choose(model, { [name]: select.value }) } });
  let listed = "";
  const list = (offered, rest) => {
    const now = JSON.stringify([offered, rest]);
    if (now === listed) { return; } // a list made anew forgets what is being typed to find a choice
    listed = now;
    const more = rest ? [el("option", { disabled: true }, `${numbered(rest)} more, which the filter below takes`)] : [];
    select.replaceChildren(...offered.map(([one, text]) => el("option", { value: one }, text)), ...more);
  };
  const show = () => {
    const value = model.get(name), { offered, rest } = choices();
    list(offered.some(([one]) => one === value) ? offered : [...offered, [value, value]], rest);
    if (select.value !== value) { select.value = value; }
    select.title = select.selectedOptions[0]?.textContent ?? "";
  };
  listen([name, "options"], show);
  show();
  return select;
}

function choicesOf(model, name) {
  const { offered, rest } = offeredBy(model, name);
  return { offered: name === "group_by" ? offered : [["", "all"], ...offered], rest };
}

function queryOf(model, listen) {
  const input = el("input", { type: "text", name: "query", spellcheck: "false", autocomplete: "off", class: "gs-query" });
  const send = later(() => choose(model, { query: input.value }));
  input.addEventListener("input", send);
  input.addEventListener("blur", send.now);
  const show = () => {
    if (document.activeElement !== input) { input.value = model.get("query"); }
    input.title = model.get("query");
  };
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
  const list = listOf(model, listen), sides = sidesOf(model, listen), flame = flameOf(model);
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
  const turn = (to) => choose(model, { page: to });
  const close = () => {
    const row = model.get("opened");
    choose(model, { opened: null });
    focusRow(table, row);
  };
  const open = (row) => (model.get("opened") === row ? close() : choose(model, { opened: row }));
  const sortBy = (column) => {
    const again = model.get("sort") === column.name;
    choose(model, { sort: column.name, descending: again ? !model.get("descending") : column.right, page: 0 });
  };
  const showTable = () => {
    const page = model.get("listed");
    const sorting = { column: page.sort, descending: page.descending, by: sortBy };
    const options = { open, opened: model.get("opened"), sorting, turn, caption: "goroutines" };
    keepFocus(table, () => table.replaceChildren(tableOf(page, options)));
    keepFocus(below, () => below.replaceChildren(pagerOf(page, turn)));
  };
  const markOpened = () => markRow(table, model.get("opened"));
  let shown = null;
  const showDetail = () => {
    const sent = model.get("detail"), row = model.get("opened");
    if (sent.title && shown?.row === row) { shown.members.show(sent.members); return; }
    const inside = detail.contains(document.activeElement);
    shown?.members.stop();
    shown = null;
    detail.replaceChildren();
    if (!sent.title) {
      if (inside) { focusRow(table, null); } // else the focus would be nowhere
      return;
    }
    const { node, heading, members } = detailOf(sent, model, close);
    shown = { row, members };
    detail.replaceChildren(node);
    if (table.contains(document.activeElement)) { heading.focus(); } // it was opened here, not by a cell
  };
  listen(["listed"], showTable);
  listen(["opened"], markOpened);
  listen(["detail"], showDetail);
  showTable();
  showDetail();
  return el("div", {}, table, below, detail);
}

function focusRow(table, row) {
  (table.querySelector(`tr[data-row="${row}"]`) ?? table.querySelector("tr[tabindex='0']"))?.focus();
}

function sidesOf(model, listen) {
  const table = el("div", { class: "gs-scroll", tabindex: 0, role: "region", "aria-label": "two snapshots, side by side" });
  const choices = () => {
    const side = new Set(model.get("options").side);
    return { offered: offeredBy(model, "snapshot").offered.filter(([value]) => side.has(value)), rest: 0 };
  };
  const pick = (name) => pickOf(model, listen, name, choices);
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
