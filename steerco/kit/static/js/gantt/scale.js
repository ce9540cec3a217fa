// Time on the horizontal axis: zoom, place, and the ticks of the two header lines.

import { date } from "../words.js";
import { DAY } from "./plan.js";

/** Pixels per day of the named zoom levels, nearest first. */
export const ZOOMS = [["day", 32], ["week", 11], ["month", 3.2], ["quarter", 1.1]];
const NEAREST = 120;
const FARTHEST = 0.15;

export class Scale {
  constructor(first, last) {
    this.first = Math.floor(first / DAY) * DAY - 14 * DAY;
    this.last = Math.ceil(last / DAY) * DAY + 45 * DAY;
    this.perDay = 11;
    this.left = 0; // pixels scrolled
  }

  get width() {
    return ((this.last - this.first) / DAY) * this.perDay;
  }

  x(minutes) {
    return ((minutes - this.first) / DAY) * this.perDay - this.left;
  }

  at(x) {
    return this.first + ((x + this.left) / this.perDay) * DAY;
  }

  /** Changes the zoom and keeps the moment under x where it is. */
  zoom(perDay, x) {
    const moment = this.at(x);
    this.perDay = Math.min(NEAREST, Math.max(FARTHEST, perDay));
    this.left += this.x(moment) - x;
  }

  get level() {
    let best = ZOOMS[0];
    for (const zoom of ZOOMS) {
      if (Math.abs(Math.log(zoom[1] / this.perDay)) < Math.abs(Math.log(best[1] / this.perDay))) best = zoom;
    }
    return best[0];
  }

  /** Ticks between two x: [[x, label], …] for the upper and the lower line. */
  ticks(width) {
    const from = this.at(0);
    const to = this.at(width);
    if (this.perDay >= 22) {
      return [months(from, to, 1, { month: "long", year: "numeric" }), days(from, to, 1, { day: "numeric" })];
    }
    if (this.perDay >= 6) {
      return [months(from, to, 1, { month: "short", year: "numeric" }), days(from, to, 7, { day: "numeric" })];
    }
    if (this.perDay >= 1.6) {
      return [months(from, to, 12, { year: "numeric" }), months(from, to, 1, { month: "short" })];
    }
    if (this.perDay >= 0.45) {
      return [months(from, to, 12, { year: "numeric" }), quarters(from, to)];
    }
    return [months(from, to, 120, { year: "numeric" }), months(from, to, 12, { year: "2-digit" })];
  }
}

function days(from, to, step, options) {
  let day = Math.floor(from / DAY);
  if (step === 7) day -= (day + 3) % 7;
  const ticks = [];
  for (; day * DAY <= to; day += step) ticks.push([day * DAY, date(day * DAY, options)]);
  return ticks;
}

function months(from, to, step, options) {
  const start = new Date(from * 60000);
  let month = start.getUTCFullYear() * 12 + start.getUTCMonth();
  month -= month % step;
  const ticks = [];
  for (; ; month += step) {
    const minutes = Date.UTC(Math.floor(month / 12), month % 12, 1) / 60000;
    if (minutes > to) return ticks;
    ticks.push([minutes, date(minutes, options)]);
  }
}

function quarters(from, to) {
  return months(from, to, 3, {}).map(([minutes]) => [
    minutes,
    `Q${Math.floor(new Date(minutes * 60000).getUTCMonth() / 3) + 1}`,
  ]);
}
