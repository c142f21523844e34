// A page of a table, sent by the kernel as text.

function cellOf(cell, column) {
  const [text, whole] = Array.isArray(cell) ? cell : [cell, cell];
  return el("td", { class: column.right ? "gs-right" : "", "data-column": column.name, title: whole }, text);
}

// `open` gets the number of a row; `sorting` is { column, descending, by }; `turn` gets a page. All are optional.
function tableOf(page, { open, opened, sorting, turn, caption }) {
  const heads = page.columns.map((column) => headOf(column, sorting));
  const rows = page.cells.map((cells, place) => rowOf(page, cells, place, open, opened));
  const body = el("tbody", {}, ...rows);
  const empty = rows.length ? null : el("caption", { class: "gs-note" }, "Nothing here.");
  return el(
    "table",
    {
      class: "gs-table",
      role: open ? "grid" : null,
      "aria-label": caption,
      "aria-rowcount": page.total + 1,
      on: { keydown: (event) => walk(event, body, page, turn) },
    },
    empty,
    el("thead", {}, el("tr", {}, ...heads)),
    body,
  );
}

function headOf(column, sorting) {
  const properties = { scope: "col", class: column.right ? "gs-right" : "" };
  if (!sorting) { return el("th", properties, column.title); }
  const active = sorting.column === column.name;
  const arrow = active ? (sorting.descending ? " ▾" : " ▴") : "";
  const sort = button(column.title + arrow, () => sorting.by(column), { class: "gs-sort", "data-key": "sort:" + column.name });
  return el("th", { ...properties, "aria-sort": active ? (sorting.descending ? "descending" : "ascending") : "none" }, sort);
}

function rowOf(page, cells, place, open, opened) {
  const number = page.rows[place];
  const row = el("tr", { "data-row": number, "data-key": "row:" + number }, ...cells.map((cell, at) => cellOf(cell, page.columns[at])));
  if (!open) { return row; }
  row.tabIndex = place === 0 ? 0 : -1; // Tab reaches one row, the arrow keys the others
  row.setAttribute("aria-selected", String(opened === number));
  row.addEventListener("click", () => open(number));
  row.addEventListener("focus", () => {
    row.parentElement.querySelectorAll("tr[tabindex='0']").forEach((other) => { other.tabIndex = -1; });
    row.tabIndex = 0;
  });
  row.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      open(number);
    }
  });
  return row;
}

function markRow(place, number) {
  place.querySelectorAll("tr[data-row]").forEach((row) => {
    row.setAttribute("aria-selected", String(Number(row.dataset.row) === number && number !== null));
  });
}

// Arrow keys, Home and End go through the rows; Page Up and Page Down turn the pages.
function walk(event, body, page, turn) {
  const row = event.target.closest("tr[tabindex]");
  if (!row || !body.contains(row)) { return; }
  const to = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
    Home: body.firstElementChild,
    End: body.lastElementChild,
  };
  const turned = { PageDown: page.page + 1, PageUp: page.page - 1 }[event.key];
  if (!(event.key in to) && turned === undefined) { return; }
  event.preventDefault();
  to[event.key]?.focus();
  if (turn && turned >= 0 && turned < page.pages) { turn(turned); }
}

function pagerOf(page, turn) {
  const last = page.pages - 1;
  const step = (text, label, to, off) =>
    button(text, () => turn(to), { disabled: off, "aria-label": label, "data-key": "turn:" + text });
  return el(
    "div",
    { class: "gs-pager", role: "group", "aria-label": "pages", hidden: page.pages < 2 },
    step("«", "first page", 0, page.page === 0),
    step("‹", "previous page", page.page - 1, page.page === 0),
    el("span", {}, `page ${numbered(page.page + 1)} of ${numbered(page.pages)}`),
    step("›", "next page", page.page + 1, page.page === last),
    step("»", "last page", last, page.page === last),
  );
}
