// Which rows are selected, and the bar that says how many it would change.

const chosen = new WeakMap(); // table -> Set of references; rows are swapped, references stay
const last = new WeakMap(); // table -> the reference from which a range would reach

const refsOf = (table) => {
  if (!chosen.has(table)) chosen.set(table, new Set());
  return chosen.get(table);
};
const rowsOf = (table) => [...table.querySelectorAll("tbody tr[data-ref]")];
const box = (row) => row.querySelector('td.select input[type="checkbox"]');

function set(table, row, on) {
  if (on) refsOf(table).add(row.dataset.ref);
  else refsOf(table).delete(row.dataset.ref);
}

/** Turns a row's selection round; with `range`, gives every row since the last one the same state. */
export function toggle(table, row, { range = false, on = !refsOf(table).has(row.dataset.ref) } = {}) {
  if (!box(row)) return;
  const rows = rowsOf(table);
  const from = range ? rows.findIndex((one) => one.dataset.ref === last.get(table)) : -1;
  const to = rows.indexOf(row);
  const reach = from < 0 ? [row] : rows.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const one of reach) set(table, one, on);
  last.set(table, row.dataset.ref);
  show(table);
}

/** Writes the selection into rows, head and bar; rows that came anew get their state back. */
export function show(table) {
  const refs = refsOf(table);
  const rows = rowsOf(table);
  for (const row of rows) {
    const on = refs.has(row.dataset.ref);
    row.setAttribute("aria-selected", String(on));
    const check = box(row);
    if (check) check.checked = on;
  }
  const all = table.querySelector("[data-select-all]");
  if (all) {
    all.checked = rows.length > 0 && rows.every((row) => refs.has(row.dataset.ref));
    all.indeterminate = refs.size > 0 && !all.checked;
  }
  for (const bar of document.querySelectorAll(`[data-bulk="${CSS.escape(table.id)}"]`)) {
    bar.hidden = refs.size === 0;
    for (const count of bar.querySelectorAll("[data-bulk-count]")) count.textContent = String(refs.size);
  }
}

/** The bar's input is that of the field to change: a list of choices, a date, a number. */
function suit(bar, field) {
  for (const inputs of bar.querySelectorAll("[data-bulk-field]")) {
    inputs.hidden = inputs.disabled = inputs.dataset.bulkField !== field;
  }
}

export function listenToSelection() {
  document.addEventListener("change", (event) => {
    const bar = event.target.matches('select[name="field"]') && event.target.closest("[data-bulk]");
    if (bar) suit(bar, event.target.value);
  });
  // The browser may bring back the field of the page's last visit.
  for (const bar of document.querySelectorAll("[data-bulk]")) suit(bar, bar.querySelector('select[name="field"]')?.value);
  document.addEventListener("click", (event) => {
    const check = event.target.closest('td.select input[type="checkbox"]');
    const table = check?.closest("table[data-register]");
    if (table) toggle(table, check.closest("tr"), { range: event.shiftKey, on: check.checked });
    const all = event.target.closest("[data-select-all]");
    const whole = all?.closest("table[data-register]");
    if (!whole) return;
    for (const row of rowsOf(whole)) set(whole, row, all.checked);
    show(whole);
  });
  document.addEventListener("htmx:load", (event) => {
    const table = event.detail.elt.closest("table[data-register]");
    if (table) show(table);
  });
  // The browser may bring back ticks of the page's last visit.
  for (const table of document.querySelectorAll("table[data-register]")) {
    for (const row of rowsOf(table)) if (box(row)?.checked) set(table, row, true);
    show(table);
  }
}
