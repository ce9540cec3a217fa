// A move under way, by pointer or keyboard: asks the server what it would do, shows it, and commits or forgets it.
//
// POST urls.preview {ref, start?, duration_minutes?} -> {finish_delta_minutes, moved: [[index, start, finish], …]}
//   finish_delta_minutes and the times are wall-clock minutes; `moved` need not name the dragged item itself.
// POST urls.move {ref, version, start?, duration_minutes?} -> 200 {version, finish_delta_minutes?, undo_url?,
//   items: [{index, start, finish, float, critical, …}, …], project?: {…}}
//   409 {message, item: {…the record as it is now}} or HTML for the dialog; any other status {message}.

import { number, t } from "../words.js";
import { DAY } from "./plan.js";

const PREVIEW_AFTER = 120; // milliseconds without a further step

export class Mover {
  /** @param on {changed(), say(text), saved(answer), conflict(html)} */
  constructor(plan, on) {
    this.plan = plan;
    this.on = on;
    this.current = null;
  }

  /** Starts a move of an item, `kind` "start" or "duration". Returns false when the item cannot be moved, and says why. */
  begin(item, kind) {
    const refusal = this.#refusal(item, kind);
    if (refusal) {
      this.on.say(refusal);
      return false;
    }
    if (this.current?.item === item && this.current.kind === kind) return true;
    this.cancel({ quiet: true });
    this.current = { item, kind, days: 0, start: item.start, finish: item.finish, moved: null, delta: null, sending: false };
    return true;
  }

  #refusal(item, kind) {
    if (!this.plan.editable) return t("You may read this plan but not change it.");
    if (item.kind === "summary" || item.hasChildren) return t("A summary moves with its parts; move one of them.");
    if (item.start === null || item.finish === null) return t("This item has no dates yet.");
    if (kind === "duration" && item.kind === "milestone") return t("A milestone has no duration.");
    if (item.progress >= 1) return t("This item is done; its dates are history.");
    return null;
  }

  /** Puts the item `days` calendar days from where it was (a resize: its finish). */
  to(days) {
    const move = this.current;
    if (!move || move.sending || days === move.days) return;
    move.days = days;
    const { item } = move;
    if (move.kind === "start") {
      move.start = days === 0 ? item.start : this.plan.shiftDays(item.start, days);
      move.finish = item.finish + (move.start - item.start);
    } else {
      const finish = days === 0 ? item.finish : this.plan.shiftDays(item.finish, days);
      const duration = (item.duration ?? 0) + this.plan.workdaysBetween(item.finish, finish) * this.plan.minutesPerDay;
      if (duration <= 0) return;
      move.finish = finish;
      move.duration = duration;
    }
    move.moved = null;
    move.delta = null;
    this.on.changed();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#preview(move), PREVIEW_AFTER);
  }

  /** One working day further in the direction of `sign`. */
  step(sign) {
    const move = this.current;
    if (!move) return;
    let days = move.days + sign;
    const from = move.kind === "start" ? move.item.start : move.item.finish;
    for (let guard = 0; guard < 7 && !this.plan.isWorkday(from + days * DAY); guard += 1) days += sign;
    this.to(days);
  }

  #body(move) {
    const body = { ref: move.item.ref };
    if (move.kind === "start") body.start = move.start;
    else body.duration_minutes = move.duration ?? move.item.duration;
    return body;
  }

  async #preview(move) {
    if (move !== this.current || !this.plan.urls.preview) return;
    this.asking?.abort();
    this.asking = new AbortController();
    try {
      const answer = await post(this.plan.urls.preview, this.#body(move), this.asking.signal);
      if (move !== this.current) return;
      const found = await answer.json();
      if (!answer.ok) return this.on.say(found.message ?? t("No preview: the server refused the question."));
      move.moved = found.moved ?? [];
      move.delta = found.finish_delta_minutes ?? 0;
      this.on.changed();
      this.on.say(this.sentence());
    } catch (error) {
      if (error.name !== "AbortError" && move === this.current) this.on.say(t("No preview: no connection. You can still drop or cancel."));
    }
  }

  /** What the move under way would do, in words. */
  sentence() {
    const move = this.current;
    if (!move) return "";
    if (move.delta === null) return t("{ref}: {days} d …", { ref: move.item.ref, days: number(move.days, { signed: true }) });
    const others = move.moved.filter(([index]) => index !== move.item.index).length;
    const finish = Math.round((move.delta / DAY) * 10) / 10;
    const end = finish === 0 ? t("finish unchanged") : t("finish {days} d", { days: number(finish, { digits: 1, signed: true }) });
    const rest = others === 0 ? t("nothing else moves") : others === 1 ? t("1 item moves") : t("{count} items move", { count: number(others) });
    return `${move.item.ref}: ${end}, ${rest}`;
  }

  /** Forgets the move; what was drawn goes back. */
  cancel({ quiet = false } = {}) {
    if (!this.current || this.current.sending) return;
    clearTimeout(this.timer);
    this.asking?.abort();
    const { item } = this.current;
    this.current = null;
    this.on.changed();
    if (!quiet) this.on.say(t("Cancelled; {ref} stays where it was.", { ref: item.ref }));
  }

  /** Sends the move; on success the answer's items replace what is shown. */
  async commit() {
    const move = this.current;
    if (!move || move.sending) return;
    if (move.days === 0) return this.cancel({ quiet: true });
    clearTimeout(this.timer);
    this.asking?.abort();
    move.sending = true;
    this.on.changed();
    try {
      const answer = await post(this.plan.urls.move, { ...this.#body(move), version: move.item.version });
      this.current = null;
      const json = answer.headers.get("content-type")?.includes("json");
      if (answer.ok) this.#saved(move, await answer.json());
      else if (!json && answer.status === 409) this.on.conflict(await answer.text());
      else this.#refused(move, answer.status, json ? await answer.json() : {});
    } catch {
      this.current = null;
      this.on.say(t("Not saved: no connection. {ref} is back where it was; try again when you are online.", { ref: move.item.ref }), "error");
    }
    this.on.changed();
  }

  #saved(move, answer) {
    for (const change of answer.items ?? []) Object.assign(this.plan.items[change.index] ?? {}, change);
    for (const [index, start, finish] of answer.moved ?? []) Object.assign(this.plan.items[index] ?? {}, { start, finish });
    if (answer.version !== undefined) move.item.version = answer.version;
    Object.assign(this.plan.project, answer.project ?? {});
    this.on.saved(answer);
    this.on.say(answer.message ?? t("{ref} moved.", { ref: move.item.ref }), "success", answer.undo_url);
  }

  #refused(move, status, answer) {
    if (answer.item) Object.assign(move.item, answer.item, { index: move.item.index });
    const fallback =
      status === 409
        ? t("Not saved: somebody changed {ref} meanwhile. It is shown as it is now.", { ref: move.item.ref })
        : t("Not saved: the server answered {status}. {ref} is back where it was.", { status, ref: move.item.ref });
    this.on.say(answer.message ?? fallback, "error");
  }
}

function post(url, body, signal) {
  return fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-csrftoken": document.querySelector('meta[name="csrf-token"]')?.content ?? "",
    },
    body: JSON.stringify(body),
    signal,
  });
}
