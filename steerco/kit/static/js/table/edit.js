// Inline edit: the cell's button fetches a one-field form, saving answers with the whole row, and the focus stays put.

const rowsBefore = new Map(); // reference -> the row as it was before its editor opened
const started = new WeakMap(); // form -> its content when it opened
let pending = null; // where the focus belongs once the row has come back

export const editing = (element) => Boolean(element.closest?.(".cell-form"));

const content = (form) => new URLSearchParams(new FormData(form)).toString();
/** What a form holds before anybody types: quick fingers are there before its script is. */
const untouched = (form) => {
  const copy = form.cloneNode(true);
  copy.reset();
  return content(copy);
};
const place = (form) => ({
  table: form.closest("table"),
  row: form.closest("tr"),
  ref: form.closest("tr").dataset.ref,
  field: form.closest("[data-field]").dataset.field,
});

/**
 * A form is ready the moment it has the focus, which may be a moment before htmx comes to it: the value is selected, so
 * that whoever types at once replaces it, and Enter sends it the way it is sent later instead of leaving the page.
 */
const begin = (form) => {
  if (started.has(form)) return;
  started.set(form, untouched(form));
  globalThis.htmx?.process(form);
  const field = form.querySelector("input:not([type=hidden]), select, textarea");
  if (field !== document.activeElement) field?.focus();
  if (field?.select && /^(text|number|search|)$/.test(field.type)) field.select();
};

/** @param grid {findCell, focusCell, target} of the table's keyboard. */
export function listenToEdits(grid) {
  const goTo = ({ table, ref, field }, edit) => {
    const cell = grid.findCell(table, ref, field);
    if (!cell) return;
    grid.focusCell(table, [...table.querySelectorAll("tbody tr[data-ref]")].indexOf(cell.closest("tr")), cell.cellIndex);
    if (edit) cell.querySelector(".cell-edit")?.click();
  };

  const cancel = (form, { focus = true } = {}) => {
    const at = place(form);
    const before = rowsBefore.get(at.ref);
    if (!before) return;
    rowsBefore.delete(at.ref);
    at.row.replaceWith(before);
    globalThis.htmx?.process(before);
    before.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: before } }));
    if (focus) goTo(at, false);
  };

  /** The next or previous editable cell, over the row's end. */
  const neighbour = (form, step) => {
    const { table, ref, field } = place(form);
    const cells = [...table.querySelectorAll("tbody tr[data-ref] > [data-field]")].filter((cell) => cell.querySelector(".cell-edit, .cell-form"));
    const at = cells.findIndex((cell) => cell.dataset.field === field && cell.parentElement.dataset.ref === ref);
    const cell = cells[at + step];
    return cell ? { table, ref: cell.parentElement.dataset.ref, field: cell.dataset.field } : null;
  };

  const save = (form, next) => {
    if (form.sending) return;
    const at = place(form);
    if (content(form) === started.get(form) && !form.querySelector("[aria-invalid=true]")) {
      cancel(form, { focus: !next });
      if (next) goTo(next, true);
      return;
    }
    pending = next ? { ...next, edit: true } : { ...at, edit: false };
    form.requestSubmit();
  };

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("table[data-register] .cell-form");
    if (!form || event.isComposing) return;
    if (event.key === "Escape") cancel(form);
    else if (event.key === "Tab") save(form, neighbour(form, event.shiftKey ? -1 : 1));
    else if (event.key === "Enter" && !event.shiftKey && event.target.tagName !== "BUTTON") save(form, null);
    else return;
    event.preventDefault();
  });

  // Clicking elsewhere saves what was changed and closes what was not; switching to another window does neither.
  document.addEventListener("focusout", (event) => {
    const form = event.target.closest?.("table[data-register] .cell-form");
    if (!form || form.contains(event.relatedTarget)) return;
    setTimeout(() => {
      if (!form.isConnected || form.sending || !document.hasFocus() || form.contains(document.activeElement)) return;
      if (document.querySelector("dialog[open]")) return;
      if (content(form) === started.get(form)) cancel(form, { focus: false });
      else {
        pending = null;
        form.requestSubmit();
      }
    });
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt } = event.detail;
    if (elt.matches?.(".cell-form")) {
      elt.sending = true;
      elt.closest("td, th").classList.add("is-saving");
    }
    const row = elt.matches?.("table[data-register] .cell-edit") ? elt.closest("tr") : null;
    if (row && !row.querySelector(".cell-form")) rowsBefore.set(row.dataset.ref, row.cloneNode(true));
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, successful } = event.detail;
    if (!elt.matches?.(".cell-form")) return;
    elt.sending = false;
    elt.closest("td, th")?.classList.remove("is-saving");
    if (!successful && elt.isConnected) elt.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  });

  document.addEventListener("focusin", (event) => {
    const form = event.target.closest?.("table[data-register] .cell-form");
    if (form) begin(form);
  });

  document.addEventListener("htmx:load", (event) => {
    const { elt } = event.detail;
    const form = elt.matches?.(".cell-form") ? elt : elt.querySelector?.("table[data-register] .cell-form, .cell-form");
    if (form?.closest("table[data-register]")) {
      begin(form);
      return;
    }
    if (!elt.matches?.("table[data-register] tr[data-ref]") || !pending) return;
    const next = pending;
    pending = null;
    rowsBefore.delete(elt.dataset.ref);
    if (grid.findCell(next.table, next.ref, next.field)) goTo(next, next.edit);
    else grid.focusCell(next.table, 0, 0);
  });
}
