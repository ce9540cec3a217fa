// Draws one frame of the timeline. Reads the view, changes nothing.

import { colours } from "../tokens.js";
import { date, t } from "../words.js";
import { DAY } from "./plan.js";

export const ROW = 28;
export const HEAD = 44;
const THROUGH = 300; // links that only pass through are drawn while there are fewer than this

const DAY_MONTH = { day: "numeric", month: "short" };

const NAMES = [
  "surface", "sunken", "hover", "selected", "text", "muted", "faint", "line", "line-strong", "accent", "red-mark", "red",
  "series-1", "series-strong", "series-mid", "series-pale", "unknown-mark", "amber-mark", "focus", "red-soft",
];

export function palette() {
  return colours(NAMES);
}

/** Draws the rows from scrollTop on. `view`: {plan, scale, scrollTop, width, height, ratio, colour, active, hover, move}. */
export function paint(context, view) {
  const { width, height, ratio, colour } = view;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colour.surface;
  context.fillRect(0, 0, width, height);
  context.textBaseline = "middle";
  const first = Math.floor(view.scrollTop / ROW);
  const last = Math.min(view.plan.rows.length - 1, Math.ceil((view.scrollTop + height - HEAD) / ROW));
  const frame = { ...view, first, last, y: (row) => HEAD + row * ROW - view.scrollTop };

  context.save();
  context.beginPath();
  context.rect(0, HEAD, width, height - HEAD);
  context.clip();
  stripes(context, frame);
  links(context, frame);
  for (let row = first; row <= last; row += 1) bar(context, frame, row);
  ghosts(context, frame);
  context.restore();

  head(context, frame);
  markers(context, frame);
}

function stripes(context, { plan, scale, width, height, first, last, y, colour, active, hover }) {
  if (scale.perDay >= 5) {
    context.fillStyle = colour.sunken;
    for (let day = Math.floor(scale.at(0) / DAY) * DAY; day < scale.at(width); day += DAY) {
      if (!plan.isWorkday(day)) context.fillRect(scale.x(day), HEAD, scale.perDay, height);
    }
  }
  if (hover >= first && hover <= last) {
    context.fillStyle = colour.hover;
    context.fillRect(0, y(hover), width, ROW);
  }
  if (active >= first && active <= last) {
    context.fillStyle = colour.selected;
    context.fillRect(0, y(active), width, ROW);
  }
  context.strokeStyle = colour.line;
  context.lineWidth = 1;
  context.beginPath();
  for (let row = first; row <= last; row += 1) {
    const edge = Math.round(y(row) + ROW) - 0.5;
    context.moveTo(0, edge);
    context.lineTo(width, edge);
  }
  context.stroke();
}

function bar(context, frame, row) {
  const { plan, scale, y, width, colour } = frame;
  const item = plan.at(row);
  if (item.start === null || item.finish === null) return;
  const left = scale.x(item.start);
  const right = Math.max(scale.x(item.finish), left + 2);
  const reach = item.p80 === null ? right : Math.max(right, scale.x(item.p80));
  if (left > width + 40 || reach < -400) return;
  const top = y(row);

  if (item.baseline_start !== null) {
    context.fillStyle = colour["unknown-mark"];
    const from = scale.x(item.baseline_start);
    context.fillRect(from, top + 22, Math.max(2, scale.x(item.baseline_finish) - from), 3);
  }
  if (item.kind === "milestone") diamond(context, left, top + 13, 7, item.critical ? colour["red-mark"] : colour.text);
  else if (item.kind === "summary") bracket(context, left, right, top, item.critical ? colour["red-mark"] : colour.muted);
  else {
    context.fillStyle = item.critical ? colour["red-mark"] : colour["series-strong"];
    context.globalAlpha = item.progress >= 1 ? 0.55 : 1;
    context.beginPath();
    context.roundRect(left, top + 6, right - left, 14, 3);
    context.fill();
    context.globalAlpha = 1;
    if (item.progress > 0) {
      context.fillStyle = colour.text;
      context.globalAlpha = 0.55;
      context.fillRect(left + 1, top + 11, (right - left - 2) * Math.min(1, item.progress), 4);
      context.globalAlpha = 1;
    }
  }
  if (item.p80 !== null && reach > right) whisker(context, right, reach, top + 13, colour.accent);
  if (item.deadline !== null) flag(context, scale.x(item.deadline), top + 4, item.finish > item.deadline ? colour.red : colour.muted);
  if (scale.perDay >= 2) {
    const label = item.kind === "task" ? (item.owner ?? "") : item.name;
    const x = reach + (item.kind === "milestone" ? 12 : 8);
    context.font = font(11);
    context.fillStyle = colour.surface; // a plate under the words, so that links do not cross them out
    context.globalAlpha = 0.8;
    context.fillRect(x - 2, top + 7, label ? context.measureText(label).width + 4 : 0, 14);
    context.globalAlpha = 1;
    context.fillStyle = colour.muted;
    context.fillText(label, x, top + 14);
  }
}

const family = getComputedStyle(document.documentElement).getPropertyValue("--font") || "sans-serif";
const font = (size, weight = 400) => `${weight} ${size}px ${family}`;

function diamond(context, x, y, size, fill) {
  context.fillStyle = fill;
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size, y);
  context.closePath();
  context.fill();
}

function bracket(context, left, right, top, fill) {
  context.fillStyle = fill;
  const tip = Math.min(6, (right - left) / 2);
  context.beginPath();
  context.moveTo(left, top + 8);
  context.lineTo(right, top + 8);
  context.lineTo(right, top + 19);
  context.lineTo(right - tip, top + 13);
  context.lineTo(left + tip, top + 13);
  context.lineTo(left, top + 19);
  context.closePath();
  context.fill();
}

function whisker(context, from, to, y, stroke) {
  context.strokeStyle = stroke;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(from, y);
  context.lineTo(to, y);
  context.moveTo(to, y - 5);
  context.lineTo(to, y + 5);
  context.stroke();
}

function flag(context, x, y, stroke) {
  context.strokeStyle = stroke;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x - 4, y);
  context.lineTo(x + 4, y);
  context.lineTo(x, y + 6);
  context.closePath();
  context.stroke();
}

function links(context, frame) {
  const { plan, first, last } = frame;
  const { linkFromRow, linkToRow } = plan;
  const near = [];
  const through = [];
  for (let link = 0; link < linkFromRow.length; link += 1) {
    const a = linkFromRow[link];
    const b = linkToRow[link];
    if (a === b || (a < first && b < first) || (a > last && b > last)) continue;
    const ends = (a >= first && a <= last) || (b >= first && b <= last);
    (ends ? near : through).push(link);
  }
  const drawn = through.length < THROUGH ? near.concat(through) : near;
  const calm = [];
  const hot = [];
  for (const link of drawn) {
    const critical = plan.items[plan.linkFrom[link]].critical && plan.items[plan.linkTo[link]].critical;
    (critical ? hot : calm).push(link);
  }
  strokeLinks(context, frame, calm, frame.colour.faint, 1);
  strokeLinks(context, frame, hot, frame.colour["red-mark"], 1.5);
}

function strokeLinks(context, { plan, scale, y, width }, chosen, stroke, weight) {
  context.strokeStyle = stroke;
  context.fillStyle = stroke;
  context.lineWidth = weight;
  context.beginPath();
  const heads = [];
  for (const link of chosen) {
    const from = plan.items[plan.linkFrom[link]];
    const to = plan.items[plan.linkTo[link]];
    const kind = plan.linkKind[link];
    const x1 = scale.x(kind[0] === "F" ? from.finish : from.start);
    const x2 = scale.x(kind[1] === "S" ? to.start : to.finish);
    if ((x1 < -20 && x2 < -20) || (x1 > width + 20 && x2 > width + 20)) continue;
    const y1 = y(plan.linkFromRow[link]) + 13;
    const y2 = y(plan.linkToRow[link]) + 13;
    const out = kind[0] === "F" ? 6 : -6;
    const into = kind[1] === "S" ? -8 : 8;
    const down = y2 > y1 ? 1 : -1;
    context.moveTo(x1, y1);
    if (kind === "FS" && x2 >= x1 + 6) {
      context.lineTo(x2, y1);
      context.lineTo(x2, y2 - 7 * down);
      heads.push(x2, y2 - 7 * down, 0, down);
      continue;
    }
    context.lineTo(x1 + out, y1);
    context.lineTo(x1 + out, y2 - 14 * down);
    context.lineTo(x2 + into, y2 - 14 * down);
    context.lineTo(x2 + into, y2);
    context.lineTo(x2, y2);
    heads.push(x2, y2, Math.sign(-into), 0);
  }
  context.stroke();
  context.beginPath();
  for (let h = 0; h < heads.length; h += 4) {
    const [x, tip, right, down] = heads.slice(h, h + 4);
    context.moveTo(x, tip);
    context.lineTo(x - 5 * right - 3 * down, tip - 5 * down - 3 * right);
    context.lineTo(x - 5 * right + 3 * down, tip - 5 * down + 3 * right);
  }
  context.fill();
}

/** What a move under way would do: the item in its new place and every item it pushes. */
function ghosts(context, { plan, scale, first, last, y, colour, move }) {
  if (!move) return;
  const shown = [[move.item.index, move.start, move.finish], ...(move.moved ?? [])];
  context.setLineDash([4, 3]);
  context.lineWidth = 1.5;
  for (const [index, start, finish] of shown) {
    const row = plan.rowOf[index];
    if (row < first || row > last || plan.rows[row] !== index) continue;
    const mine = index === move.item.index;
    context.strokeStyle = mine ? colour.focus : colour["amber-mark"];
    const left = scale.x(start);
    context.beginPath();
    context.roundRect(left - 0.5, y(row) + 4.5, Math.max(8, scale.x(finish) - left), 17, 3);
    context.stroke();
  }
  context.setLineDash([]);
}

function head(context, { scale, width, colour }) {
  context.fillStyle = colour.surface;
  context.fillRect(0, 0, width, HEAD);
  const [upper, lower] = scale.ticks(width);
  context.strokeStyle = colour.line;
  context.lineWidth = 1;
  context.beginPath();
  tickLine(context, scale, upper, 0, 22, font(11, 600), colour.text, width);
  tickLine(context, scale, lower, 22, HEAD, font(11), colour.muted, width);
  context.moveTo(0, 22.5);
  context.lineTo(width, 22.5);
  context.stroke();
  context.strokeStyle = colour["line-strong"];
  context.beginPath();
  context.moveTo(0, HEAD - 0.5);
  context.lineTo(width, HEAD - 0.5);
  context.stroke();
}

function tickLine(context, scale, ticks, top, bottom, face, fill, width) {
  context.font = face;
  context.fillStyle = fill;
  ticks.forEach(([minutes, label], place) => {
    const x = Math.round(scale.x(minutes)) + 0.5;
    const next = place + 1 < ticks.length ? scale.x(ticks[place + 1][0]) : width;
    context.moveTo(x, top);
    context.lineTo(x, bottom);
    const at = Math.max(x + 4, 4);
    if (context.measureText(label).width < next - at) context.fillText(label, at, (top + bottom) / 2);
  });
}

function markers(context, { plan, scale, height, width, colour }) {
  const { today, data_date: dataDate, committed, p80 } = plan.project;
  const marks = [
    [dataDate, t("data"), colour.faint, [2, 3]],
    [today, t("today"), colour.accent, []],
    [p80, "P80", colour.accent, [6, 3]],
    [committed, t("committed"), colour["red-mark"], [4, 3]],
  ];
  context.font = font(10, 600);
  const used = [];
  for (const [moment, word, stroke, dash] of marks) {
    if (moment === null || moment === undefined) continue;
    const x = Math.round(scale.x(moment)) + 0.5;
    if (x < -80 || x > width + 80) continue;
    context.strokeStyle = stroke;
    context.lineWidth = 1.5;
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x, HEAD);
    context.lineTo(x, height);
    context.stroke();
    context.setLineDash([]);
    const label = `${word} ${date(moment, DAY_MONTH)}`;
    const length = context.measureText(label).width + 8;
    let level = 0;
    while (used.some(([from, to, other]) => other === level && x < to && x + length > from)) level += 1;
    used.push([x, x + length, level]);
    const top = height - 16 - level * 16;
    context.fillStyle = colour.surface;
    context.fillRect(x, top, length, 15);
    context.fillStyle = stroke === colour.faint ? colour.muted : stroke === colour["red-mark"] ? colour.red : stroke;
    context.fillText(label, x + 4, top + 8);
  }
}
