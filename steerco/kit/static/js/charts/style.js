// One chart style. Colours are CSS variables inside the SVG, so theme and paper need no drawing again.

import { date, number, t } from "../words.js";

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

const STEPS = [1, 2, 7, 14, 28, 56, 91, 182, 364].map((days) => days * 1440 * MINUTE);

/** Days between labels, in milliseconds: even ones, at most `most` of them between two dates. */
function step(first, last, most = 6) {
  return STEPS.find((one) => (last - first) / one <= most) ?? STEPS.at(-1) * Math.ceil((last - first) / STEPS.at(-1) / most);
}

/** An axis along which values are dates in minutes (already multiplied to milliseconds) or plain numbers with a unit.

    With `min` and `max` from data the ends carry no label: they are not round. */
export function axis(kind, { unit = "", name = "", split = false, round = kind !== "date", ...rest } = {}) {
  const label = kind === "date" ? (value) => day(value / MINUTE) : (value) => amount(value, unit);
  return {
    type: "value",
    interval: kind === "date" ? step(rest.min, rest.max, rest.splitNumber) : undefined,
    name,
    nameLocation: "middle",
    nameGap: 28,
    nameTextStyle: TEXT,
    axisLine: { show: !split, lineStyle: { color: colour("line-strong") } },
    axisTick: { show: false },
    splitLine: { show: split, lineStyle: { color: colour("line") } },
    axisLabel: { ...TEXT, formatter: label, hideOverlap: true, showMinLabel: round, showMaxLabel: round },
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

/** A number with its unit; decimals only where they say something. */
export const amount = (value, unit = "") => `${number(value, { digits: Math.abs(value) < 1000 ? 1 : 0 })} ${unit ?? ""}`.trim();

const DAY_MONTH = { day: "numeric", month: "short" };

export const day = (minutes) => date(minutes, DAY_MONTH);

export const legend = { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: TEXT };

/** Vertical lines with their words above; neighbours are raised so that words do not touch. `marks`: {at, text, token, dash}. */
export function markers(marks, [first, last], width) {
  const present = marks.filter((mark) => mark.at !== null && mark.at !== undefined).sort((a, b) => a.at - b.at);
  const placed = [];
  const data = present.map(({ at, text, token, dash }) => {
    const x = ((at - first) / (last - first)) * width;
    const half = text.length * 3.3 + 6;
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
  green: { name: t("Green"), symbol: "circle", token: "green-mark" },
  amber: { name: t("Amber"), symbol: "triangle", token: "amber-mark" },
  red: { name: t("Red"), symbol: "rect", token: "red-mark" },
  unknown: { name: t("Unknown"), symbol: "circle", token: "unknown-mark", hollow: true },
};

export function mark({ token, hollow }) {
  return { color: hollow ? "transparent" : colour(token), borderColor: colour(token), borderWidth: hollow ? 2 : 0 };
}
