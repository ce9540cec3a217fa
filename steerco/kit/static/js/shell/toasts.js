// Short news at the edge of the page, with undo where the server offers it.
//
// Any "toast" event on the page: {text, kind: "success" | "warning" | "error" | "info", undo_url}. The server sends one
// with HX-Trigger: {"toast": {…}}. Errors stay until they are dismissed; the rest waits while the pointer or focus is on it.

import { t } from "../words.js";

const STAY = 8000;

function button(name, text, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = name;
  element.textContent = text;
  element.addEventListener("click", act);
  return element;
}

export function toast({ text, kind = "info", undo_url: undo }) {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  const element = document.createElement("div");
  element.className = `toast toast-${kind}`;
  const words = element.appendChild(document.createElement("span"));
  words.className = "toast-text";
  words.textContent = text;
  if (undo) {
    element.append(
      button("link-button", t("Undo"), () => {
        element.remove();
        takeBack(undo);
      }),
    );
  }
  const close = button("icon-button", "✕", () => element.remove());
  close.setAttribute("aria-label", t("Dismiss"));
  element.append(close);
  box.append(element);
  while (box.childElementCount > 4) box.firstElementChild.remove();
  if (kind !== "error") leaveLater(element);
}

function leaveLater(element) {
  const leave = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(leave, STAY / 2);
    else element.remove();
  };
  setTimeout(leave, STAY);
}

async function takeBack(url) {
  try {
    const headers = { "x-csrftoken": document.querySelector('meta[name="csrf-token"]')?.content ?? "" };
    const answer = await fetch(url, { method: "POST", headers });
    if (!answer.ok) throw new Error(String(answer.status));
    const event = new CustomEvent("undone", { bubbles: true, cancelable: true, detail: { url } });
    if (document.body.dispatchEvent(event)) location.reload();
  } catch {
    toast({ text: t("Not undone: the server could not be asked. Nothing was changed."), kind: "error", undo_url: url });
  }
}

document.addEventListener("toast", (event) => toast(event.detail));
