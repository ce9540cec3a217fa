// The page's one dialog, filled with what the server answers: a conflict, a preview.

/** Shows a fragment of the server's in the page's dialog. */
export function openDialog(html) {
  const dialog = document.getElementById("dialog");
  if (!dialog) return;
  dialog.innerHTML = html;
  globalThis.htmx?.process(dialog);
  if (!dialog.open) dialog.showModal();
}
