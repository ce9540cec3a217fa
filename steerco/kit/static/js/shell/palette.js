// Ctrl K: go anywhere, from the addresses the server finds for what is typed.
//
// GET <meta name="palette-url"> ?q=… answers [{"ref", "title", "url", "kind"}, …], best first, at most a screenful.

import { t } from "../words.js";

const WAIT = 120;
let dialog;
let asking;
let timer;

function build() {
  dialog = document.createElement("dialog");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", t("Search or do anything"));
  dialog.innerHTML = `
    <input class="palette-query" type="text" role="combobox" aria-expanded="true" aria-controls="palette-results"
      aria-autocomplete="list" autocomplete="off" spellcheck="false">
    <ul class="palette-results" id="palette-results" role="listbox"></ul>
    <p class="palette-note" role="status"></p>`;
  const [query, list] = dialog.children;
  query.setAttribute("aria-label", t("Search or do anything"));
  query.placeholder = t("A reference, a name, an area …");
  list.setAttribute("aria-label", t("Results"));
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => ask(query.value), WAIT);
  });
  query.addEventListener("keydown", key);
  list.addEventListener("click", (event) => follow(event.target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
}

export function openPalette() {
  if (!document.querySelector('meta[name="palette-url"]')) return false;
  if (!dialog) build();
  if (!dialog.open) dialog.showModal();
  const query = dialog.querySelector("input");
  query.select();
  ask(query.value);
  return true;
}

async function ask(text) {
  asking?.abort();
  asking = new AbortController();
  const url = new URL(document.querySelector('meta[name="palette-url"]').content, location.href);
  url.searchParams.set("q", text);
  try {
    const answer = await fetch(url, { headers: { accept: "application/json" }, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json(), text);
  } catch (error) {
    if (error.name !== "AbortError") note(t("The search did not answer. Try again."));
  }
}

function show(found, text) {
  const list = dialog.querySelector("ul");
  list.replaceChildren(
    ...found.map((one, place) => {
      const option = document.createElement("li");
      option.id = `palette-${place}`;
      option.setAttribute("role", "option");
      option.dataset.url = one.url;
      for (const [name, value] of [["palette-ref", one.ref], ["palette-title", one.title], ["palette-kind", one.kind]]) {
        const part = option.appendChild(document.createElement("span"));
        part.className = name;
        part.textContent = value ?? "";
      }
      return option;
    }),
  );
  select(list.firstElementChild);
  note(found.length ? "" : text ? t("Nothing found for “{text}”.", { text }) : t("Type a reference, a name or an area."));
}

function note(text) {
  dialog.querySelector("[role=status]").textContent = text;
}

function select(option) {
  for (const other of dialog.querySelectorAll("[aria-selected]")) other.removeAttribute("aria-selected");
  const query = dialog.querySelector("input");
  if (!option) return query.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  query.setAttribute("aria-activedescendant", option.id);
}

function key(event) {
  const current = dialog.querySelector("[aria-selected]");
  if (event.key === "ArrowDown") select(current?.nextElementSibling ?? dialog.querySelector("[role=option]"));
  else if (event.key === "ArrowUp") select(current?.previousElementSibling ?? dialog.querySelector("[role=option]:last-child"));
  else if (event.key === "Enter") follow(current);
  else return;
  event.preventDefault();
}

function follow(option) {
  if (!option) return;
  dialog.close();
  location.assign(option.dataset.url);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "k" && openPalette()) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-palette]");
  if (opener && !event.ctrlKey && !event.metaKey && openPalette()) event.preventDefault();
});
