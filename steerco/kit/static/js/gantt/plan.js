// The plan as the page holds it: items in outline order, which of them are shown, and the links between shown rows.
//
// What the server sends (times: minutes since 1970-01-01, wall clock without zone; durations and floats: working minutes):
//
//   { "project":  {"ref", "name", "start", "finish", "p50", "p80", "committed", "today", "data_date"},   each may be null
//     "calendar": {"nonworking": [5, 6], "minutes_per_day": 480},         weekdays from Monday = 0
//     "columns":  ["ref", "name", "level", "kind", "start", "finish", …],  names of what each item's array holds
//     "items":    [["T-1", "Vision line", 0, "summary", 29000000, 29100000, …], …],          in outline order
//     "links":    [[from, to, "FS", lag], …],                              indexes into items
//     "editable": true,
//     "urls":     {"items": "…/", "preview": "…", "move": "…"} }       a record is at items + ref + "/"
//
// Columns: ref, name, level (0 = top), kind (task, milestone, summary), start, finish, duration, progress (0 to 1), float,
// critical, owner, baseline_start, baseline_finish, p80 (of the finish), deadline, version, problem (a sentence).
// Only ref, name, start and finish are needed; a column left out reads as null.

import { t } from "../words.js";

const COLUMNS = [
  "ref", "name", "level", "kind", "start", "finish", "duration", "progress", "float", "critical", "owner",
  "baseline_start", "baseline_finish", "p80", "deadline", "version", "problem",
];

export const DAY = 1440;

export class Plan {
  constructor(data) {
    this.project = data.project ?? {};
    this.nonworking = new Set(data.calendar?.nonworking ?? [5, 6]);
    this.minutesPerDay = data.calendar?.minutes_per_day ?? 480;
    this.editable = Boolean(data.editable);
    this.urls = data.urls ?? {};
    const names = data.columns ?? COLUMNS;
    const places = COLUMNS.map((name) => names.indexOf(name));
    this.items = data.items.map((values, index) => {
      const item = { index, open: true };
      for (let c = 0; c < COLUMNS.length; c += 1) item[COLUMNS[c]] = values[places[c]] ?? null;
      item.level ??= 0;
      item.kind ??= item.start === item.finish ? "milestone" : "task";
      return item;
    });
    this.byRef = new Map(this.items.map((item) => [item.ref, item]));
    this.#relate();
    const links = data.links ?? [];
    this.linkFrom = Int32Array.from(links, (link) => link[0]);
    this.linkTo = Int32Array.from(links, (link) => link[1]);
    this.linkKind = links.map((link) => link[2] ?? "FS");
    this.show();
  }

  /** Becomes the plan of newer data; what was closed stays closed. */
  take(data) {
    const closed = new Set(this.items.filter((item) => !item.open).map((item) => item.ref));
    Object.assign(this, new Plan(data));
    for (const item of this.items) item.open = !closed.has(item.ref);
    this.show();
  }

  /** Parents, and each item's place among its siblings. */
  #relate() {
    const path = [];
    const families = new Map();
    for (const item of this.items) {
      path.length = item.level;
      item.parent = path[item.level - 1]?.index ?? -1;
      path[item.level] = item;
      const family = families.get(item.parent) ?? [];
      family.push(item);
      families.set(item.parent, family);
      item.place = family.length;
    }
    for (const family of families.values()) for (const item of family) item.siblings = family.length;
    for (const item of this.items) item.hasChildren = families.has(item.index);
  }

  /** Recomputes which items are shown after something was opened or closed. */
  show() {
    const rowOf = new Int32Array(this.items.length); // a hidden item's row is that of its closed ancestor
    const rows = [];
    let closedAt = Infinity;
    for (const item of this.items) {
      if (item.level <= closedAt) {
        closedAt = item.hasChildren && !item.open ? item.level : Infinity;
        rows.push(item.index);
      }
      rowOf[item.index] = rows.length - 1;
    }
    this.rows = Int32Array.from(rows);
    this.rowOf = rowOf;
    this.linkFromRow = this.linkFrom.map((index) => rowOf[index]);
    this.linkToRow = this.linkTo.map((index) => rowOf[index]);
  }

  at(row) {
    return this.items[this.rows[row]];
  }

  /** Opens every ancestor of the item, so that it has a row of its own. */
  reveal(item) {
    for (let parent = item.parent; parent >= 0; parent = this.items[parent].parent) this.items[parent].open = true;
    this.show();
  }

  openAll(open) {
    for (const item of this.items) if (item.hasChildren) item.open = open;
    this.show();
  }

  /** First and last moment anything is drawn at. */
  span() {
    const { today, committed, p80, start, finish } = this.project;
    let first = Infinity;
    let last = -Infinity;
    const take = (moment) => {
      if (moment === null || moment === undefined) return;
      if (moment < first) first = moment;
      if (moment > last) last = moment;
    };
    for (const moment of [today, committed, p80, start, finish]) take(moment);
    for (const item of this.items) {
      take(item.start);
      take(item.finish);
      take(item.baseline_start);
      take(item.p80);
    }
    return first > last ? [0, 30 * DAY] : [first, last];
  }

  isWorkday(minutes) {
    return !this.nonworking.has((Math.floor(minutes / DAY) + 3) % 7); // 1970-01-01 was a Thursday
  }

  /** The same time of day `days` calendar days away, pushed on in that direction until it is a working day. */
  shiftDays(minutes, days) {
    let moment = minutes + days * DAY;
    const step = days < 0 ? -DAY : DAY;
    for (let guard = 0; guard < 7 && !this.isWorkday(moment); guard += 1) moment += step;
    return moment;
  }

  /** Working days between two moments, signed. */
  workdaysBetween(from, to) {
    const [low, high] = from <= to ? [from, to] : [to, from];
    let days = 0;
    for (let day = Math.floor(low / DAY) + 1; day <= Math.floor(high / DAY); day += 1) {
      if (this.isWorkday(day * DAY)) days += 1;
    }
    return from <= to ? days : -days;
  }

  /** The sentence of what is wrong with an item, or null. */
  problem(item) {
    if (item.problem) return item.problem;
    if (item.float !== null && item.float < 0) return t("negative float");
    if (item.deadline !== null && item.finish > item.deadline) return t("after its deadline");
    return null;
  }

  /** The next item with a problem after a row, round the end; null when there is none. */
  nextProblem(row) {
    const from = row < 0 ? -1 : this.rows[row];
    for (let step = 1; step <= this.items.length; step += 1) {
      const item = this.items[(from + step) % this.items.length];
      if (!item.hasChildren && this.problem(item)) return item;
    }
    return null;
  }
}
