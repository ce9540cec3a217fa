// The accessible half: a tree grid whose rows exist only while they can be seen, plus the one that has the focus.

import { date, number, t } from "../words.js";
import { HEAD, ROW } from "./paint.js";

const FIELDS = [
  ["ref", t("Ref")],
  ["name", t("Name")],
  ["start", t("Start")],
  ["finish", t("Finish")],
  ["float", t("Float")],
  ["owner", t("Owner")],
];

const SHORT = { day: "numeric", month: "short", year: "2-digit" };

export class Grid {
  /** @param {HTMLElement} element the role=treegrid element; @param plan; @param on {toggle(item), focus(row)} */
  constructor(element, plan, on) {
    this.element = element;
    this.plan = plan;
    this.on = on;
    this.active = 0;
    this.shown = new Map(); // row number -> element
    this.spare = [];
    this.element.replaceChildren(this.#header());
    this.body = this.element.appendChild(document.createElement("div"));
    this.body.setAttribute("role", "rowgroup");
    this.body.className = "gantt-rows";
    this.body.addEventListener("click", (event) => this.#click(event));
    this.body.addEventListener("focusin", (event) => {
      const row = event.target.closest("[role=row]")?.row;
      if (row !== undefined && row !== this.active) this.select(row, { focus: false });
    });
  }

  #header() {
    const group = document.createElement("div");
    group.setAttribute("role", "rowgroup");
    const row = group.appendChild(document.createElement("div"));
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", "1");
    row.className = "gantt-row gantt-head";
    for (const [field, label] of FIELDS) {
      const cell = row.appendChild(document.createElement("div"));
      cell.setAttribute("role", "columnheader");
      cell.className = `gantt-cell gantt-${field}`;
      cell.textContent = label;
    }
    return group;
  }

  /** Brings the rows in line with the scroll position; returns how many were written anew. */
  render(scrollTop, height) {
    const count = this.plan.rows.length;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - 2);
    const last = Math.min(count - 1, Math.ceil((scrollTop + height - HEAD) / ROW) + 2);
    for (const [row, element] of this.shown) {
      if ((row >= first && row <= last) || row === this.active) continue;
      this.shown.delete(row);
      this.spare.push(element);
    }
    let written = 0;
    const place = (row) => {
      let element = this.shown.get(row);
      if (!element) {
        element = this.spare.pop() ?? this.#row();
        this.shown.set(row, element);
        this.#write(element, row);
        written += 1;
      }
    };
    // One moving layer: rows keep their place in it, so scrolling restyles nothing but the layer.
    this.body.style.transform = `translateY(${HEAD - scrollTop}px)`;
    for (let row = first; row <= last; row += 1) place(row);
    if (this.active < count) place(this.active);
    for (const element of this.spare) if (!element.hidden) element.hidden = true;
    this.element.setAttribute("aria-rowcount", String(count + 1));
    return written;
  }

  /** Writes every mounted row again, after data or the outline changed. */
  refresh() {
    const focused = this.body.contains(document.activeElement);
    this.active = Math.min(this.active, Math.max(0, this.plan.rows.length - 1));
    for (const [row, element] of [...this.shown]) {
      if (row < this.plan.rows.length) this.#write(element, row);
      else {
        this.shown.delete(row);
        this.spare.push(element);
        element.hidden = true;
      }
    }
    if (focused) this.shown.get(this.active)?.focus({ preventScroll: true });
  }

  /** Makes a row the one that Tab reaches; with `focus` moves the keyboard there. */
  select(row, { focus = true } = {}) {
    const before = this.shown.get(this.active);
    this.active = row;
    if (before) this.#mark(before);
    this.on.focus(row);
    const element = this.shown.get(row);
    if (!element) return;
    this.#mark(element);
    if (focus) element.focus({ preventScroll: true });
  }

  #mark(element) {
    const active = element.row === this.active;
    element.tabIndex = active ? 0 : -1;
    element.setAttribute("aria-selected", String(active));
  }

  #row() {
    const element = this.body.appendChild(document.createElement("div"));
    element.setAttribute("role", "row");
    element.className = "gantt-row";
    for (const [field] of FIELDS) {
      const cell = element.appendChild(document.createElement("div"));
      cell.setAttribute("role", "gridcell");
      cell.className = `gantt-cell gantt-${field}`;
    }
    const name = element.querySelector(".gantt-name");
    const twist = name.appendChild(document.createElement("span"));
    twist.className = "gantt-twist";
    twist.setAttribute("aria-hidden", "true");
    name.appendChild(document.createElement("span")).className = "gantt-title";
    return element;
  }

  #write(element, row) {
    const item = this.plan.at(row);
    element.row = row;
    if (element.hidden) element.hidden = false;
    element.style.top = `${row * ROW}px`;
    element.setAttribute("aria-rowindex", String(row + 2));
    element.setAttribute("aria-level", String(item.level + 1));
    element.setAttribute("aria-setsize", String(item.siblings));
    element.setAttribute("aria-posinset", String(item.place));
    if (item.hasChildren) element.setAttribute("aria-expanded", String(item.open));
    else element.removeAttribute("aria-expanded");
    this.#mark(element);
    const problem = this.plan.problem(item);
    element.classList.toggle("is-summary", item.hasChildren);
    element.classList.toggle("is-critical", Boolean(item.critical));
    element.classList.toggle("is-problem", Boolean(problem));
    const [ref, name, start, finish, float, owner] = element.children;
    set(ref, item.ref);
    name.children[0].textContent = item.hasChildren ? (item.open ? "▾" : "▸") : "";
    set(name.children[1], item.name);
    name.title = problem ? `${item.name}: ${problem}` : item.name;
    if (element.level !== item.level) name.style.paddingInlineStart = `${item.level * 14 + 4}px`;
    element.level = item.level;
    set(start, item.start === null ? "–" : date(item.start, SHORT));
    set(finish, item.finish === null ? "–" : date(item.finish, SHORT));
    set(float, item.float === null ? "–" : `${number(item.float / this.plan.minutesPerDay, { digits: 1 })} ${t("d")}`);
    set(owner, item.owner ?? "");
  }

  #click(event) {
    const element = event.target.closest("[role=row]");
    if (!element) return;
    this.select(element.row);
    if (event.target.closest(".gantt-twist")) this.on.toggle(this.plan.at(element.row));
  }
}

function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
