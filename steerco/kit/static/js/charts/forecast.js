// When will it end: the histogram of simulated finishes, and the same as a cumulative curve.
//
// Data: {"axis": "date" | "number", "unit": "k€", "edges": [n + 1 values], "counts": [n values],
//        "committed": value, "committed_chance": 0.23, "p50": value, "p80": value}; dates are minutes since 1970-01-01.

import { number, t } from "../words.js";
import { MINUTE, amount, axis, colour, day, markers, styled } from "./style.js";

function reading(data) {
  const factor = data.axis === "number" ? 1 : MINUTE;
  const scaled = (value) => (value === null || value === undefined ? null : value * factor);
  return {
    kind: data.axis === "number" ? "number" : "date",
    edges: data.edges.map(scaled),
    committed: scaled(data.committed),
    p50: scaled(data.p50),
    p80: scaled(data.p80),
    words: (value) => (factor === MINUTE ? day(value / MINUTE) : amount(value, data.unit)),
  };
}

function marks(data, read) {
  const chance = data.committed_chance === undefined || data.committed_chance === null ? "" : ` · ${number(data.committed_chance * 100)} %`;
  return [
    { at: read.committed, text: `${t("committed")} ${read.words(read.committed)}${chance}`, token: "red", dash: true },
    { at: read.p50, text: `P50 ${read.words(read.p50)}`, token: "text" },
    { at: read.p80, text: `P80 ${read.words(read.p80)}`, token: "accent" },
  ];
}

function bounds(read) {
  const known = [read.committed, read.p50, read.p80].filter((value) => value !== null);
  const first = Math.min(read.edges[0], ...known);
  const last = Math.max(read.edges.at(-1), ...known);
  const air = (last - first) * 0.04;
  return [first - air, last + air];
}

/** Bars: pale where the promise would hold or after P80, stronger from the promise to P50 and from P50 to P80. */
export function forecast(data, { width }) {
  const read = reading(data);
  const total = data.counts.reduce((sum, count) => sum + count, 0) || 1;
  const shade = (middle) => {
    if (middle > read.p80 || (read.committed !== null && middle < Math.min(read.committed, read.p50))) return "series-pale";
    return middle > read.p50 ? "series-strong" : "series-mid";
  };
  const [first, last] = bounds(read);
  const lines = markers(marks(data, read), [first, last], width);
  return styled({
    grid: { left: 8, right: 8, top: 10 + lines.levels * 14, bottom: 8, containLabel: true },
    tooltip: {
      ...styled({}).tooltip,
      formatter: ({ data: bar }) => `${read.words(bar.from)} – ${read.words(bar.to)}: ${number((bar.value[1] / total) * 100, { digits: 1 })} %`,
    },
    xAxis: axis(read.kind, { unit: data.unit, round: false, min: first, max: last, splitNumber: width < 420 ? 4 : 7 }),
    yAxis: { type: "value", show: false, max: "dataMax" },
    series: [
      {
        type: "bar",
        barWidth: Math.max(2, (((read.edges.at(-1) - read.edges[0]) / (last - first)) * (width - 16)) / data.counts.length - 3),
        emphasis: { disabled: true },
        data: data.counts.map((count, place) => {
          const [from, to] = [read.edges[place], read.edges[place + 1]];
          const middle = (from + to) / 2;
          return { value: [middle, count], from, to, itemStyle: { color: colour(shade(middle)) } };
        }),
        markLine: lines.markLine,
      },
    ],
  });
}

/** The chance of being done by each date. */
export function curve(data, { width }) {
  const read = reading(data);
  const total = data.counts.reduce((sum, count) => sum + count, 0) || 1;
  let sum = 0;
  const points = [[read.edges[0], 0], ...data.counts.map((count, place) => [read.edges[place + 1], ((sum += count) / total) * 100])];
  const [first, last] = bounds(read);
  const lines = markers(marks(data, read), [first, last], width);
  return styled({
    grid: { left: 8, right: 12, top: 10 + lines.levels * 14, bottom: 8, containLabel: true },
    tooltip: {
      ...styled({}).tooltip,
      trigger: "axis",
      formatter: ([point]) => `${read.words(point.value[0])}: ${number(point.value[1], { digits: 0 })} %`,
    },
    xAxis: axis(read.kind, { unit: data.unit, round: false, min: first, max: last, splitNumber: width < 420 ? 4 : 7 }),
    yAxis: axis("number", { unit: "%", min: 0, max: 100, split: true, interval: 20 }),
    series: [
      {
        type: "line",
        data: points,
        showSymbol: false,
        emphasis: { disabled: true },
        lineStyle: { color: colour("series-1"), width: 2.5 },
        itemStyle: { color: colour("series-1") },
        areaStyle: { color: colour("series-pale"), opacity: 0.5 },
        markLine: lines.markLine,
      },
    ],
  });
}
