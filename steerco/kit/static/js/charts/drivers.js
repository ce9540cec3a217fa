// What moves it: the tornado.
//
// Data: {"unit": "d", "items": [{"name": "R-14 Camera order slips", "low": -2.5, "high": 6.1}, …]}: how far the result moves
// when that input is at its low and at its high end, the rest as it is.

import { number, t } from "../words.js";
import { axis, categories, colour, legend, styled } from "./style.js";

export function tornado(data, { width }) {
  const items = [...data.items].sort((a, b) => Math.abs(a.high - a.low) - Math.abs(b.high - b.low));
  const label = ({ value }) => `${number(value, { digits: 1, signed: true })} ${data.unit ?? ""}`.trim();
  const side = (name, key, token) => ({
    name,
    type: "bar",
    stack: "swing",
    barMaxWidth: 18,
    emphasis: { disabled: true },
    itemStyle: { color: colour(token) },
    data: items.map((item) => item[key]),
    label: {
      show: true,
      position: key === "low" ? "left" : "right",
      formatter: (bar) => (Math.abs(bar.value) < 0.05 ? "" : label(bar)),
      color: colour("text"),
      fontSize: 11,
    },
  });
  const reach = Math.max(...items.map((item) => Math.max(Math.abs(item.low), Math.abs(item.high))), 1);
  return styled({
    legend,
    grid: { left: 8, right: 20, top: 30, bottom: 8, containLabel: true },
    xAxis: axis("number", { unit: data.unit, split: true, min: -reach * 1.3, max: reach * 1.3, axisLabel: { show: false } }),
    yAxis: categories(
      items.map((item) => item.name),
      { axisLabel: { color: colour("text"), fontSize: 11, width: Math.min(190, width * 0.35), overflow: "truncate" } },
    ),
    series: [side(t("earlier"), "low", "series-3"), side(t("later"), "high", "series-2")],
  });
}
