// One chart style. Colours are CSS variables inside the SVG, so theme and paper need no drawing again.

import { date, number } from "../words.js";

export const colour = (name) => `var(--${name})`;

export const MINUTE = 60000;

const TEXT = { color: colour("muted"), fontSize: 11, fontFamily: "inherit" };

/** What every chart shares; `option` wins where both say something. */
export function styled(option) {
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 11 },
    grid: { left: 8, right: 16, top: 28, bottom: 8, containLabel: true },
    // Rich text keeps the tooltip inside the SVG: as HTML it would carry style attributes, which the policy forbids.
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: colour("raised"),
      borderColor: colour("line-strong"),
      textStyle: { ...TEXT, color: colour("text") },
    },
    ...option,
  };
}

/** An axis along which values are dates in minutes (already multiplied to milliseconds) or plain numbers with a unit. */
export function axis(kind, { unit = "", name = "", split = false, ...rest } = {}) {
  const label = kind === "date" ? (value) => day(value / MINUTE) : (value) => `${number(value, { digits: 1 })}${unit ? ` ${unit}` : ""}`;
  return {
    type: kind === "date" ? "time" : "value",
    name,
    nameLocation: "middle",
    nameGap: 28,
    nameTextStyle: TEXT,
    axisLine: { show: !split, lineStyle: { color: colour("line-strong") } },
    axisTick: { show: false },
    splitLine: { show: split, lineStyle: { color: colour("line") } },
    axisLabel: { ...TEXT, formatter: label, hideOverlap: true },
    ...rest,
  };
}

export function categories(names, rest = {}) {
  return {
    type: "category",
    data: names,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: { ...TEXT, color: colour("text"), width: 170, overflow: "truncate" },
    ...rest,
  };
}

const DAY_MONTH = { day: "numeric", month: "short" };

export const day = (minutes) => date(minutes, DAY_MONTH);

export const legend = { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: TEXT };

/** Vertical lines with their words above; neighbours are raised so that words do not touch. `marks`: {at, text, token, dash}. */
export function markers(marks, [first, last], width) {
  const present = marks.filter((mark) => mark.at !== null && mark.at !== undefined).sort((a, b) => a.at - b.at);
  const placed = [];
  const data = present.map(({ at, text, token, dash }) => {
    const x = ((at - first) / (last - first)) * width;
    const half = text.length * 3.2 + 4;
    let level = 0;
    while (placed.some((other) => other.level === level && Math.abs(other.x - x) < other.half + half)) level += 1;
    placed.push({ x, half, level });
    return {
      xAxis: at,
      lineStyle: { color: colour(token), type: dash ? "dashed" : "solid", width: 2 },
      label: { formatter: text, color: colour(token), fontSize: 11, distance: 4 + level * 14, position: "end" },
    };
  });
  return {
    levels: placed.reduce((most, one) => Math.max(most, one.level), 0) + 1,
    markLine: { symbol: "none", silent: true, data },
  };
}

/** How each level is marked: colour and shape; what is unknown is hollow. */
export const HEALTH = {
  green: { symbol: "circle", token: "green-mark" },
  amber: { symbol: "triangle", token: "amber-mark" },
  red: { symbol: "rect", token: "red-mark" },
  unknown: { symbol: "circle", token: "unknown-mark", hollow: true },
};

export function mark({ token, hollow }) {
  return { color: hollow ? "transparent" : colour(token), borderColor: colour(token), borderWidth: hollow ? 2 : 0 };
}
