// Charts: <figure class="chart" data-chart="forecast"> holding its data as <script type="application/json"> and the same
// as a table in .chart-table, which stays readable for screen readers and is all there is when nothing can be drawn.
//
// Kinds: forecast, curve (charts/forecast.js), tornado (charts/drivers.js), burnup, health, bubble (charts/progress.js).

import { tornado } from "./charts/drivers.js";
import { curve, forecast } from "./charts/forecast.js";
import { bubble, burnup, health } from "./charts/progress.js";

const KINDS = { forecast, curve, tornado, burnup, health, bubble };

function mount(figure) {
  const build = KINDS[figure.dataset.chart];
  const source = figure.querySelector('script[type="application/json"]');
  if (!build || !source || !globalThis.echarts || figure.classList.contains("is-drawn")) return;
  const data = JSON.parse(source.textContent);
  const room = document.createElement("div");
  room.className = "chart-drawing";
  room.setAttribute("aria-hidden", "true");
  figure.insertBefore(room, figure.querySelector(".chart-table"));
  figure.classList.add("is-drawn");
  const chart = globalThis.echarts.init(room, null, { renderer: "svg" });
  const draw = () => {
    if (!room.clientWidth) return;
    chart.resize();
    chart.setOption(build(data, { width: room.clientWidth }), true);
  };
  chart.on("click", ({ data: point }) => point?.url && location.assign(point.url));
  draw();
  new ResizeObserver(draw).observe(room);
}

/** Draws every chart inside a node; drawn ones are left alone. */
export function mountCharts(node = document) {
  for (const figure of node.querySelectorAll("figure[data-chart]")) mount(figure);
}

mountCharts();
document.addEventListener("htmx:load", (event) => mountCharts(event.detail.elt.parentElement ?? document));
