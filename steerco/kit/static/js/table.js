// Registers by keyboard: <table data-register id> rendered by the server, whose rows htmx swaps whole.
//
// Arrows move from cell to cell (one of them is in the Tab order), Enter or F2 edits, Tab saves and goes on, Esc leaves
// the cell as it was, Space selects, j and k go by row, o opens the inspector, / goes to the query, ? tells all this.

import { t } from "./words.js";
import { editing, listenToEdits } from "./table/edit.js";
import { listenToSelection, toggle } from "./table/select.js";

const KEYS = [
  ["↑ ↓ ← →", t("from cell to cell")],
  ["j  k", t("next row, previous row")],
  ["Home  End", t("first, last cell of the row")],
  ["Ctrl Home  Ctrl End", t("first, last row")],
  ["Enter  F2", t("edit the cell")],
  ["Tab  Shift Tab", t("save and edit the next, the previous cell")],
  ["Esc", t("leave the cell as it was")],
  ["Space", t("select the row")],
  ["Shift click", t("select all rows between")],
  ["o", t("open in the inspector")],
  ["/", t("go to the query")],
  ["Ctrl K", t("search or do anything")],
];

const rowsOf = (table) => [...table.querySelectorAll("tbody tr[data-ref]")];

/** What gets the focus in a cell: its button, link or box, else the cell itself. */
export function target(cell) {
  return cell.querySelector(".cell-edit, a[href], input:not([type=hidden]), select, textarea, button") ?? cell;
}

function enter(table) {
  table.setAttribute("role", "grid");
  const rows = rowsOf(table);
  for (const row of rows) rest(row);
  const current = table.querySelector("[data-rove]") ?? (rows[0] && target(rows[0].cells[0]));
  if (current) rove(table, current);
}

/** Takes a row's cells out of the Tab order. */
function rest(row) {
  for (const cell of row.cells) {
    if (!cell.querySelector(".cell-form")) for (const inner of cell.querySelectorAll("a, button, input")) inner.tabIndex = -1;
    target(cell).tabIndex = -1;
  }
}

function rove(table, element) {
  const before = table.querySelector("[data-rove]");
  if (before && before !== element) {
    before.tabIndex = -1;
    delete before.dataset.rove;
  }
  element.tabIndex = 0;
  element.dataset.rove = "";
}

/** Moves the focus to a cell; row and column are held inside the table. */
export function focusCell(table, row, column) {
  const rows = rowsOf(table);
  if (!rows.length) return;
  const found = rows[Math.max(0, Math.min(row, rows.length - 1))];
  const cell = found.cells[Math.max(0, Math.min(column, found.cells.length - 1))];
  const element = target(cell);
  rove(table, element);
  element.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The cell of a field in the row of a reference, or null. */
export function findCell(table, ref, field) {
  return table.querySelector(`tbody tr[data-ref="${CSS.escape(ref)}"] > [data-field="${CSS.escape(field)}"]`);
}

function keydown(event, table) {
  const cell = event.target.closest("td, th");
  const row = cell?.closest("tr[data-ref]");
  if (!row || editing(event.target) || event.altKey || event.metaKey) return;
  const rows = rowsOf(table);
  const [r, c] = [rows.indexOf(row), cell.cellIndex];
  const ctrl = event.ctrlKey;
  const moves = {
    ArrowDown: [r + 1, c],
    ArrowUp: [r - 1, c],
    ArrowRight: [r, c + 1],
    ArrowLeft: [r, c - 1],
    PageDown: [r + 15, c],
    PageUp: [r - 15, c],
    Home: [ctrl ? 0 : r, ctrl ? c : 0],
    End: [ctrl ? rows.length - 1 : r, ctrl ? c : row.cells.length - 1],
    j: [r + 1, c],
    k: [r - 1, c],
  };
  if (ctrl && event.key !== "Home" && event.key !== "End") return;
  if (moves[event.key]) {
    focusCell(table, ...moves[event.key]);
  } else if (event.key === " ") {
    toggle(table, row, { range: event.shiftKey });
  } else if (event.key === "F2") {
    cell.querySelector(".cell-edit")?.click();
  } else if (event.key === "o") {
    row.querySelector("[data-open]")?.click();
  } else return;
  event.preventDefault();
}

function typing(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName) && element.type !== "checkbox";
}

function showKeys() {
  let dialog = document.getElementById("keys");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.id = "keys";
    dialog.setAttribute("aria-labelledby", "keys-title");
    dialog.innerHTML = `<div class="dialog-head"><h2 id="keys-title"></h2>
      <button class="icon-button" type="button" data-close-dialog>✕</button></div>
      <div class="dialog-body"><dl class="facts"></dl></div>`;
    dialog.querySelector("h2").textContent = t("Keys");
    dialog.querySelector("button").setAttribute("aria-label", t("Close"));
    for (const [keys, what] of KEYS) {
      const term = dialog.querySelector("dl").appendChild(document.createElement("dt"));
      term.append(...keys.split("  ").flatMap((key) => [Object.assign(document.createElement("kbd"), { textContent: key }), " "]));
      dialog.querySelector("dl").appendChild(document.createElement("dd")).textContent = what;
    }
    document.body.append(dialog);
  }
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  const table = event.target.closest?.("table[data-register]");
  if (table) keydown(event, table);
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const query = document.querySelector("[data-query]");
  if (event.key === "/" && query) query.focus();
  else if (event.key === "?") showKeys();
  else return;
  event.preventDefault();
});

document.addEventListener("focusin", (event) => {
  const table = event.target.closest?.("table[data-register]");
  const cell = event.target.closest?.("tr[data-ref] > *");
  if (table && cell && !editing(event.target)) rove(table, event.target);
});

for (const table of document.querySelectorAll("table[data-register]")) enter(table);
listenToSelection();
listenToEdits({ findCell, focusCell, target });

// New rows (a whole row after an edit, or the next page of a long list) join the table's order.
document.addEventListener("htmx:load", (event) => {
  const { elt } = event.detail;
  const tables = new Set([elt.closest("table[data-register]"), ...elt.querySelectorAll("table[data-register]")]);
  for (const table of tables) if (table) enter(table);
});
