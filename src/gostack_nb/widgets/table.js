// A page of a table, sent by the kernel as text.

function cellOf(cell, column) {
  const [text, whole] = Array.isArray(cell) ? cell : [cell, cell];
  const node = el("td", { class: column.right ? "gs-right" : column.name, title: whole }, text);
  return node;
}

// `open` gets the number of a row; `sorting` is { column, descending, by }, both optional.
function tableOf(page, { open, opened, sorting, caption }) {
  const heads = page.columns.map((column) => headOf(column, sorting));
  const rows = page.cells.map((cells, place) => rowOf(page, cells, place, open, opened));
  const body = el("tbody", {}, ...rows);
  return el(
    "table",
    { class: "gs-table", "aria-label": caption, on: { keydown: (event) => walk(event, body) } },
    el("thead", {}, el("tr", {}, ...heads)),
    body,
  );
}

function headOf(column, sorting) {
  if (!sorting) { return el("th", { scope: "col", class: column.right ? "gs-right" : "" }, column.title); }
  const active = sorting.column === column.name;
  const arrow = active ? (sorting.descending ? " ▾" : " ▴") : "";
  return el(
    "th",
    {
      scope: "col",
      class: column.right ? "gs-right" : "",
      "aria-sort": active ? (sorting.descending ? "descending" : "ascending") : "none",
    },
    button(column.title + arrow, () => sorting.by(column), { class: "gs-sort", "data-column": column.name }),
  );
}

function rowOf(page, cells, place, open, opened) {
  const number = page.rows[place];
  const row = el("tr", { "data-row": number }, ...cells.map((cell, at) => cellOf(cell, page.columns[at])));
  if (!open) { return row; }
  row.tabIndex = place === 0 ? 0 : -1; // Tab reaches the first row, the arrow keys the others
  row.setAttribute("aria-expanded", String(opened === number));
  row.addEventListener("click", () => open(number));
  row.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(number);
    }
  });
  return row;
}

function walk(event, body) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const row = event.target.closest("tr[tabindex]");
  if (!step || !row || !body.contains(row)) { return; }
  event.preventDefault();
  row[step]?.focus();
}

function pagerOf(page, turn) {
  const last = page.pages - 1;
  const step = (text, label, to, off) => button(text, () => turn(to), { disabled: off, "aria-label": label });
  return el(
    "div",
    { class: "gs-pager", hidden: page.pages < 2 },
    step("«", "first page", 0, page.page === 0),
    step("‹", "previous page", page.page - 1, page.page === 0),
    el("span", {}, `page ${numbered(page.page + 1)} of ${numbered(page.pages)}`),
    step("›", "next page", page.page + 1, page.page === last),
    step("»", "last page", last, page.page === last),
  );
}
