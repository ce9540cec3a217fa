// On paper a canvas shows one window of the plan: before printing, every open row is written as a table with a small bar.

import { date, number, t } from "../words.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 320;

/** Fills `element` with the open rows of the plan, bars to scale from the first to the last date. */
export function writePaper(element, plan) {
  const [first, last] = plan.span();
  const x = (minutes) => ((minutes - first) / (last - first)) * WIDTH;
  const table = document.createElement("table");
  table.className = "data plain";
  const head = table.createTHead().insertRow();
  for (const label of [t("Ref"), t("Name"), t("Start"), t("Finish"), t("Float"), t("Owner"), ""]) {
    const cell = head.appendChild(document.createElement("th"));
    cell.textContent = label;
  }
  const body = table.createTBody();
  for (const index of plan.rows) {
    const item = plan.items[index];
    const row = body.insertRow();
    const texts = [
      item.ref,
      `${"\u2003".repeat(item.level)}${item.name}`,
      item.start === null ? "–" : date(item.start),
      item.finish === null ? "–" : date(item.finish),
      item.float === null ? "–" : `${number(item.float / plan.minutesPerDay, { digits: 1 })} ${t("d")}`,
      item.owner ?? "",
    ];
    for (const text of texts) row.insertCell().textContent = text;
    if (item.start === null) continue;
    row.insertCell().append(drawing(item, x, plan.project.today));
  }
  element.replaceChildren(table);
}

function drawing(item, x, today) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("width", String(WIDTH));
  svg.setAttribute("height", "14");
  svg.setAttribute("aria-hidden", "true");
  const add = (name, left, width, y, height) => {
    const shape = svg.appendChild(document.createElementNS(SVG, "rect"));
    shape.setAttribute("class", name);
    for (const [key, value] of Object.entries({ x: left, y, width: Math.max(1, width), height })) {
      shape.setAttribute(key, String(value));
    }
  };
  if (item.baseline_start !== null) add("paper-baseline", x(item.baseline_start), x(item.baseline_finish) - x(item.baseline_start), 11, 2);
  const kind = item.hasChildren ? "paper-summary" : item.critical ? "paper-critical" : "paper-bar";
  add(kind, x(item.start), item.kind === "milestone" ? 4 : x(item.finish) - x(item.start), 3, 7);
  if (item.p80 !== null && item.p80 > item.finish) add("paper-p80", x(item.finish), x(item.p80) - x(item.finish), 6, 1);
  if (today !== null && today !== undefined) add("paper-today", x(today), 1, 0, 14);
  return svg;
}
