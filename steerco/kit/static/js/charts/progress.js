// How far it is: burn-up with the cone of where it may end, health over time, and the portfolio's bubbles.
//
// burnup: {"unit": "items", "scope": [[minutes, value], …], "done": […], "low": […], "mid": […], "high": […],
//          "today": minutes, "committed": minutes}; low and high share their dates and begin where done ends.
// health: {"dates": [minutes, …], "dimensions": [{"name": "Schedule", "values": ["green", "amber", null, …]}, …]}
// bubble: {"x": "Chance of the committed date, %", "y": "…", "points": [{"name", "x", "y", "size", "health", "url"}, …]}

import { number, t } from "../words.js";
import { HEALTH, MINUTE, axis, categories, colour, day, legend, mark, markers, styled } from "./style.js";

const scaled = (points) => (points ?? []).map(([minutes, value]) => [minutes * MINUTE, value]);

const line = (name, points, token, more = {}) => ({
  name,
  type: "line",
  data: points,
  showSymbol: false,
  emphasis: { disabled: true },
  itemStyle: { color: colour(token) },
  ...more,
  lineStyle: { color: colour(token), width: 2.5, ...more.lineStyle },
});

export function burnup(data, { width }) {
  const series = ["scope", "done", "low", "mid", "high"].map((name) => scaled(data[name]));
  const [scope, done, low, mid, high] = series;
  const times = series.flat().map(([time]) => time);
  const ends = [data.today, data.committed].filter((moment) => moment !== null && moment !== undefined).map((moment) => moment * MINUTE);
  const first = Math.min(...times, ...ends);
  const last = Math.max(...times, ...ends);
  const at = (minutes) => (minutes === null || minutes === undefined ? null : minutes * MINUTE);
  const lines = markers(
    [
      { at: at(data.today), text: t("today"), token: "muted" },
      { at: at(data.committed), text: data.committed ? `${t("committed")} ${day(data.committed)}` : "", token: "red", dash: true },
    ],
    [first, last],
    width,
  );
  const hidden = { lineStyle: { opacity: 0, width: 0 }, stack: "cone", silent: true, tooltip: { show: false } };
  return styled({
    legend: { ...legend, data: [t("scope"), t("done"), t("likely")] },
    grid: { left: 8, right: 20, top: 34 + lines.levels * 14, bottom: 8, containLabel: true },
    tooltip: {
      ...styled({}).tooltip,
      trigger: "axis",
      formatter: (points) =>
        [day(points[0].value[0] / MINUTE)]
          .concat(points.filter((point) => !point.seriesName.startsWith("cone")).map((point) => `${point.seriesName} ${number(point.value[1], { digits: 1 })}`))
          .join("\n"),
    },
    xAxis: axis("date", { min: first, max: last, splitNumber: width < 420 ? 4 : 7 }),
    yAxis: axis("number", { unit: width < 420 ? "" : data.unit, split: true, min: 0 }),
    series: [
      line("cone low", low, "series-mid", hidden),
      line(
        "cone high",
        high.map(([time, value], place) => [time, value - (low[place]?.[1] ?? value)]),
        "series-mid",
        { ...hidden, areaStyle: { color: colour("series-pale"), opacity: 0.8 } },
      ),
      line(t("scope"), scope, "muted", { step: "end", lineStyle: { type: "dashed", width: 1.5 } }),
      line(t("likely"), mid, "series-1", { lineStyle: { type: "dotted", width: 2 } }),
      line(t("done"), done, "series-1", { markLine: lines.markLine }),
    ],
  });
}

export function health(data, { width }) {
  const names = data.dimensions.map((dimension) => dimension.name).reverse();
  const step = Math.max(1, Math.ceil(data.dates.length / (width / 60)));
  const points = Object.entries(HEALTH).map(([level, shape]) => ({
    name: shape.name,
    type: "scatter",
    symbol: shape.symbol,
    symbolSize: 12,
    emphasis: { disabled: true },
    itemStyle: mark(shape),
    data: data.dimensions.flatMap((dimension) =>
      dimension.values.map((value, place) => [place, dimension.name, value ?? "unknown"]).filter((point) => point[2] === level),
    ),
  }));
  return styled({
    // The legend shows each level's own shape.
    legend: { ...legend, icon: undefined, itemWidth: 12, itemHeight: 12 },
    grid: { left: 8, right: 16, top: 30, bottom: 4, containLabel: true },
    tooltip: { ...styled({}).tooltip, formatter: ({ seriesName, value }) => `${value[1]}, ${day(data.dates[value[0]])}: ${seriesName}` },
    xAxis: categories(data.dates.map(day), { axisLabel: { color: colour("muted"), fontSize: 11, interval: (place) => place % step === 0 } }),
    yAxis: categories(names, { splitLine: { show: true, lineStyle: { color: colour("line") } } }),
    series: points,
  });
}

export function bubble(data) {
  const most = Math.max(...data.points.map((point) => point.size ?? 1), 1);
  const levels = Object.entries(HEALTH).map(([level, shape]) => ({
    name: shape.name,
    type: "scatter",
    symbol: shape.symbol,
    emphasis: { disabled: true },
    itemStyle: { ...mark(shape), opacity: 0.85 },
    label: { show: true, formatter: ({ data: point }) => point.name, color: colour("text"), fontSize: 11 },
    labelLayout: { hideOverlap: true },
    symbolSize: (value) => 10 + 34 * Math.sqrt((value[2] ?? 1) / most),
    data: data.points
      .filter((point) => (point.health ?? "unknown") === level)
      // Words go towards the middle, where there is room for them.
      .map((point) => ({ name: point.name, url: point.url, value: [point.x, point.y, point.size ?? 1], label: { position: point.x > 55 ? "left" : "right" } })),
  }));
  return styled({
    legend: { ...legend, icon: undefined, itemWidth: 12, itemHeight: 12 },
    grid: { left: 20, right: 28, top: 34, bottom: 26, containLabel: true },
    tooltip: {
      ...styled({}).tooltip,
      formatter: ({ name, value }) => `${name}\n${data.x}: ${number(value[0], { digits: 1 })}\n${data.y}: ${number(value[1], { digits: 1 })}`,
    },
    xAxis: axis("number", { name: data.x, split: true, min: 0, max: 100 }),
    yAxis: axis("number", { name: data.y, split: true, min: 0, nameGap: 34 }),
    series: levels.filter((level) => level.data.length > 0),
  });
}
