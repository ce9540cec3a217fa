// Short news at the edge of the page, with undo where the server offers it.
//
// Any "toast" event on the page: {text, kind: "success" | "warning" | "error" | "info", undo_url}. The server sends one
// with HX-Trigger: {"toast": {…}}. Errors stay until they are dismissed; the rest waits while the pointer or focus is on it.
// News that came a moment before the page is left or loaded again goes on on the next one, undo included.

import { t } from "../words.js";
import { openDialog } from "./dialog.js";

const STAY = 8000;
const WAITING = "steerco-toasts";
const shown = new Map(); // element -> {text, kind, undo_url, until}

function button(name, text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = name;
  element.textContent = text;
  element.addEventListener("click", act);
  return element;
}

export function toast({ text, kind = "info", undo_url: undo, until = Date.now() + STAY }) {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  for (const [element, one] of shown) if (one.text === text && !one.undo_url) drop(element); // said again, not twice
  const element = document.createElement("div");
  element.className = `toast toast-${kind}`;
  const words = element.appendChild(document.createElement("span"));
  words.className = "toast-text";
  words.textContent = text;
  if (undo) {
    element.append(
      button("link-button", t("Undo"), () => {
        drop(element);
        takeBack(undo);
      }),
    );
  }
  const close = button("icon-button", "✕", () => drop(element));
  close.setAttribute("aria-label", t("Dismiss"));
  element.append(close);
  box.append(element);
  shown.set(element, { text, kind, undo_url: undo, until });
  while (box.childElementCount > 4) drop(box.firstElementChild);
  if (kind !== "error") leaveLater(element, until - Date.now());
}

function drop(element) {
  shown.delete(element);
  element.remove();
}

function leaveLater(element, stay) {
  const leave = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(leave, STAY / 2);
    else drop(element);
  };
  setTimeout(leave, stay);
}

async function takeBack(url) {
  try {
    const headers = { "x-csrftoken": document.querySelector('meta[name="csrf-token"]')?.content ?? "", "hx-request": "true" };
    const answer = await fetch(url, { method: "POST", headers });
    if (answer.status === 409) return openDialog(await answer.text());
    if (!answer.ok) throw new Error(String(answer.status));
    const event = new CustomEvent("undone", { bubbles: true, cancelable: true, detail: { url } });
    if (document.body.dispatchEvent(event)) location.reload();
  } catch {
    toast({ text: t("Not undone: the server could not be asked. Nothing was changed."), kind: "error", undo_url: url });
  }
}

document.addEventListener("toast", (event) => toast(event.detail));

addEventListener("pagehide", () => {
  const rest = [...shown.values()].filter((one) => one.kind !== "error" && one.until > Date.now());
  try {
    if (rest.length) sessionStorage.setItem(WAITING, JSON.stringify(rest));
  } catch {
    // Without storage the news ends with its page.
  }
});

try {
  for (const one of JSON.parse(sessionStorage.getItem(WAITING)) ?? []) if (one.until > Date.now()) toast(one);
  sessionStorage.removeItem(WAITING);
} catch {
  // Nothing to go on with.
}
