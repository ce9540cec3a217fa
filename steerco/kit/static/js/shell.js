// What every page has: theme, drawer, menus, dialog, palette, toasts, drafts, and manners when a request fails.

import "./shell/drafts.js";
import "./shell/palette.js";
import "./shell/requests.js";
import "./shell/toasts.js";

const THEME = "steerco-theme";

function showTheme() {
  const chosen = document.documentElement.dataset.theme || "auto";
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen));
  }
}

function chooseTheme(choice) {
  document.documentElement.dataset.theme = choice;
  try {
    if (choice === "auto") localStorage.removeItem(THEME);
    else localStorage.setItem(THEME, choice);
  } catch {
    // Without storage the choice lasts as long as the page.
  }
  showTheme();
}

document.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-theme-choice]");
  if (choice) chooseTheme(choice.dataset.themeChoice);

  if (event.target.closest("[data-close-dialog]")) event.target.closest("dialog")?.close();

  if (event.target.closest("[data-close-inspector]")) closeInspector(event.target.closest(".inspector"));

  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    return;
  }
  const inspector = event.target.closest?.(".inspector");
  if (inspector) closeInspector(inspector);
});

/** Empties the inspector and gives the keyboard back to the row it was opened from. */
function closeInspector(inspector) {
  const row = document.querySelector("tr.is-open");
  inspector.replaceChildren();
  row?.classList.remove("is-open");
  row?.querySelector("[data-open]")?.focus();
}

// A fragment swapped into the dialog opens it; one swapped into the inspector marks its row.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  if (target instanceof HTMLDialogElement && target.childElementCount && !target.open) target.showModal();
  if (!target?.classList?.contains("inspector")) return;
  for (const row of document.querySelectorAll("tr.is-open")) row.classList.remove("is-open");
  event.detail.requestConfig?.elt?.closest("tr")?.classList.add("is-open");
});

// The drawer would stay in the top layer when the window grows past the width at which the sidebar is a column.
matchMedia("(min-width: 48.01rem)").addEventListener("change", (event) => {
  const sidebar = document.getElementById("sidebar");
  if (event.matches && sidebar?.matches(":popover-open")) sidebar.hidePopover();
});

showTheme();
