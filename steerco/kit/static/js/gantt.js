// The plan: a canvas timeline beside an accessible tree grid, for <section data-gantt data-src="plan.json">.
//
// The JSON is described in gantt/plan.js, the two POST addresses in gantt/move.js. What the server put inside the section
// (a plain table) stays until the plan is drawn and is hidden then. Fires "gantt:ready" on the section, and
// "gantt:open" {item} before a record's link is followed (preventDefault keeps the reader on the page).

import { onThemeChange } from "./tokens.js";
import { t } from "./words.js";
import { Grid } from "./gantt/grid.js";
import { Mover } from "./gantt/move.js";
import { HEAD, ROW, paint, palette } from "./gantt/paint.js";
import { writePaper } from "./gantt/paper.js";
import { DAY, Plan } from "./gantt/plan.js";
import { Scale, ZOOMS } from "./gantt/scale.js";
import { openDialog } from "./shell/dialog.js";

const MARKUP = `
  <div class="gantt-tools" role="toolbar">
    <span class="row" data-part="zooms"></span>
    <button type="button" class="button button-small" data-do="today"></button>
    <button type="button" class="button button-small" data-do="fit"></button>
    <button type="button" class="button button-small" data-do="close"></button>
    <button type="button" class="button button-small" data-do="open"></button>
    <button type="button" class="button button-small" data-do="problem"></button>
    <output class="gantt-consequence push"></output>
  </div>
  <div class="gantt-scroll" tabindex="-1">
    <div class="gantt-space"></div>
    <div class="gantt-view">
      <div class="gantt-left"><div class="gantt-grid" role="treegrid" aria-readonly="true"></div></div>
      <div class="gantt-splitter" role="separator" aria-orientation="vertical" tabindex="0"
        aria-valuemin="120" aria-valuemax="900" aria-valuenow="420"></div>
      <div class="gantt-right"><canvas aria-hidden="true"></canvas></div>
    </div>
  </div>
  <div class="gantt-across" tabindex="-1" aria-hidden="true"><div></div></div>
  <ul class="hints gantt-hints"></ul>
  <p class="visually-hidden" role="status" aria-live="polite"></p>
  <div class="gantt-paper"></div>`;

export class Gantt {
  constructor(section, data) {
    this.section = section;
    this.plan = new Plan(data);
    this.scale = new Scale(...this.plan.span());
    this.hover = -1;
    this.#build();
    this.mover = new Mover(this.plan, {
      changed: () => this.#moveChanged(),
      say: (text, kind, undo) => this.say(text, kind, undo),
      saved: () => this.refresh(),
      conflict: (html) => openDialog(html),
    });
    this.grid = new Grid(this.part("gantt-grid"), this.plan, {
      toggle: (item) => this.toggle(item),
      focus: () => {
        this.#hints();
        this.draw();
      },
    });
    this.#listen();
    this.colour = palette();
    this.measure();
    this.#start();
    this.#hints();
    this.frame();
    this.painted = performance.now();
  }

  part(name) {
    return this.section.querySelector(`.${name}`);
  }

  #build() {
    for (const child of this.section.children) child.hidden = true;
    const box = document.createElement("div");
    box.className = "gantt";
    box.innerHTML = MARKUP;
    this.section.append(box);
    this.scroller = this.part("gantt-scroll");
    this.across = this.part("gantt-across");
    this.canvas = box.querySelector("canvas");
    this.context = this.canvas.getContext("2d", { alpha: false });
    this.status = box.querySelector("[role=status]");
    this.consequence = this.part("gantt-consequence");
    const labels = { today: t("Today"), fit: t("Whole plan"), close: t("Close all"), open: t("Open all"), problem: t("Next problem") };
    for (const [name, label] of Object.entries(labels)) box.querySelector(`[data-do=${name}]`).textContent = label;
    box.querySelector("[role=toolbar]").setAttribute("aria-label", t("Plan tools"));
    this.part("gantt-grid").setAttribute("aria-label", t("Plan of {name}", { name: this.plan.project.name ?? "" }));
    this.part("gantt-splitter").setAttribute("aria-label", t("Width of the columns"));
    this.part("gantt-hints").setAttribute("aria-label", t("Keys"));
    const zooms = box.querySelector("[data-part=zooms]");
    const names = { day: t("Day"), week: t("Week"), month: t("Month"), quarter: t("Quarter") };
    for (const [name] of ZOOMS) {
      const button = zooms.appendChild(document.createElement("button"));
      button.type = "button";
      button.className = "button button-small";
      button.dataset.zoom = name;
      button.textContent = names[name];
    }
  }

  #start() {
    const { today } = this.plan.project;
    const [first, last] = this.plan.span();
    const days = (last - first) / DAY;
    const fitting = this.width / (days + 40);
    this.scale.perDay = Math.min(32, Math.max(ZOOMS[2][1], fitting));
    const begin = today !== null && today !== undefined && fitting < ZOOMS[2][1] ? today - (this.width * 0.25 * DAY) / this.scale.perDay : first - 7 * DAY;
    this.scale.left = 0;
    this.scale.left = Math.max(0, this.scale.x(begin));
    this.#stretch();
  }

  /** Reads the sizes and makes the canvas match the screen's pixels. */
  measure() {
    const room = this.part("gantt-right");
    this.width = Math.max(1, room.clientWidth);
    this.height = Math.max(HEAD + ROW, room.clientHeight);
    this.ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * this.ratio);
    this.canvas.height = Math.round(this.height * this.ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.#stretch();
  }

  #stretch() {
    this.part("gantt-space").style.height = `${HEAD + this.plan.rows.length * ROW}px`;
    this.across.firstElementChild.style.width = `${this.scale.width + (this.across.clientWidth - this.width)}px`;
    this.scale.left = Math.max(0, Math.min(this.scale.left, this.scale.width - this.width));
    if (Math.abs(this.across.scrollLeft - this.scale.left) > 1) this.across.scrollLeft = this.scale.left;
    for (const button of this.section.querySelectorAll("[data-zoom]")) {
      button.setAttribute("aria-pressed", String(button.dataset.zoom === this.scale.level));
    }
  }

  /** Asks for one frame; any number of calls before it cost nothing. */
  draw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      this.frame();
    });
  }

  frame() {
    const scrollTop = this.scroller.scrollTop;
    this.grid.render(scrollTop, this.height);
    paint(this.context, {
      plan: this.plan,
      scale: this.scale,
      scrollTop,
      width: this.width,
      height: this.height,
      ratio: this.ratio,
      colour: this.colour,
      active: this.grid.active,
      hover: this.hover,
      move: this.mover.current,
    });
  }

  refresh() {
    this.grid.refresh();
    this.#stretch();
    this.draw();
  }

  /** Newer data of the same plan: what is open, selected and in sight stays. A move under way is left alone. */
  take(data) {
    if (this.mover.current) return;
    const ref = this.plan.at(this.grid.active)?.ref;
    this.plan.take(data);
    const again = this.plan.byRef.get(ref);
    if (again) this.grid.active = this.plan.rowOf[again.index];
    this.refresh();
  }

  /** Says something to everybody: to the eye when it is news (kind given), to the ear always. */
  say(text, kind, undo) {
    this.status.textContent = text;
    if (!kind) return;
    document.body.dispatchEvent(new CustomEvent("toast", { detail: { text, kind, undo_url: undo }, bubbles: true }));
  }

  #moveChanged() {
    const move = this.mover.current;
    this.consequence.textContent = move ? (move.sending ? t("Saving …") : this.mover.sentence()) : "";
    this.consequence.classList.toggle("is-later", Boolean(move?.delta > 0));
    this.#hints();
    this.draw();
  }

  toggle(item, open = !item.open) {
    if (!item.hasChildren || item.open === open) return;
    item.open = open;
    this.plan.show();
    this.refresh();
  }

  /** Selects a row and scrolls it into sight, in both directions. */
  go(row, { focus = true, across = false } = {}) {
    const bounded = Math.max(0, Math.min(this.plan.rows.length - 1, row));
    const top = bounded * ROW;
    const room = this.height - HEAD;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    if (top + ROW > this.scroller.scrollTop + room) this.scroller.scrollTop = top + ROW - room;
    if (across) this.#bringIn(this.plan.at(bounded));
    this.grid.select(bounded, { focus: false });
    this.frame();
    this.grid.select(bounded, { focus });
  }

  #bringIn(item) {
    if (item.start === null) return;
    const x = this.scale.x(item.start);
    if (x > 20 && x < this.width - 80) return;
    this.scale.left += x - this.width / 4;
    this.#stretch();
  }

  zoom(perDay, x = this.width / 2) {
    this.scale.zoom(perDay, x);
    this.#stretch();
    this.draw();
  }

  nextProblem() {
    const item = this.plan.nextProblem(this.grid.active);
    if (!item) return this.say(t("No problems in this plan."));
    this.plan.reveal(item);
    this.refresh();
    this.go(this.plan.rowOf[item.index], { across: true });
    this.say(`${item.ref} ${item.name}: ${this.plan.problem(item)}`);
    this.consequence.textContent = `${item.ref}: ${this.plan.problem(item)}`;
  }

  open(item) {
    const event = new CustomEvent("gantt:open", { detail: { item }, bubbles: true, cancelable: true });
    if (this.section.dispatchEvent(event) && this.plan.urls.items) location.assign(`${this.plan.urls.items}${item.ref}/`);
  }

  #hints() {
    const item = this.plan.rows.length ? this.plan.at(this.grid.active) : null;
    const movable = this.plan.editable && item && !item.hasChildren;
    let hints = [["↑ ↓", t("rows")], ["F8", t("next problem")], ["Enter", t("open the record")]];
    if (this.mover.current) hints = [["Alt Shift ← →", t("one day")], ["Enter", t("keep")], ["Esc", t("cancel")]];
    else if (item?.hasChildren) hints = [["→ ←", t("open, close")], ["F8", t("next problem")], ["Enter", t("open the record")]];
    else if (movable) hints = [["Alt Shift ← →", t("move a day")], ["Alt Shift ↑ ↓", t("longer, shorter")], ["F8", t("next problem")]];
    this.part("gantt-hints").replaceChildren(
      ...hints.map(([key, what]) => {
        const hint = document.createElement("li");
        const kbd = hint.appendChild(document.createElement("kbd"));
        kbd.textContent = key;
        hint.append(` ${what}`);
        return hint;
      }),
    );
  }

  #listen() {
    this.scroller.addEventListener("scroll", () => this.draw(), { passive: true });
    this.across.addEventListener("scroll", () => {
      if (Math.abs(this.across.scrollLeft - this.scale.left) < 1) return;
      this.scale.left = this.across.scrollLeft;
      this.draw();
    }, { passive: true });
    this.scroller.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    this.section.addEventListener("click", (event) => this.#tool(event.target));
    this.part("gantt-grid").addEventListener("keydown", (event) => this.#key(event));
    this.part("gantt-grid").addEventListener("dblclick", (event) => {
      const row = event.target.closest("[role=row]")?.row;
      if (row !== undefined) this.open(this.plan.at(row));
    });
    listenToPointer(this);
    listenToSplitter(this);
    new ResizeObserver(() => {
      this.measure();
      this.frame();
    }).observe(this.part("gantt-right"));
    onThemeChange(() => {
      this.colour = palette();
      this.draw();
    });
    addEventListener("beforeprint", () => writePaper(this.part("gantt-paper"), this.plan));
  }

  #wheel(event) {
    if (event.ctrlKey) {
      event.preventDefault();
      const x = event.clientX - this.canvas.getBoundingClientRect().left;
      this.zoom(this.scale.perDay * Math.exp(-event.deltaY * 0.002), Math.max(0, x));
      return;
    }
    const across = event.shiftKey && !event.deltaX ? event.deltaY : event.deltaX;
    if (!across || Math.abs(across) < Math.abs(event.shiftKey ? 0 : event.deltaY)) return;
    event.preventDefault();
    this.scale.left += across;
    this.#stretch();
    this.draw();
  }

  #tool(target) {
    const button = target.closest("[data-zoom], [data-do]");
    if (!button) return;
    if (button.dataset.zoom) return this.zoom(Object.fromEntries(ZOOMS)[button.dataset.zoom]);
    const [first, last] = this.plan.span();
    const actions = {
      today: () => this.#place(this.plan.project.today ?? first, 0.3),
      fit: () => {
        this.scale.zoom(this.width / ((last - first) / DAY + 8), 0);
        this.#place(first - 2 * DAY, 0);
      },
      open: () => this.plan.openAll(true),
      close: () => this.plan.openAll(false),
      problem: () => this.nextProblem(),
    };
    const item = this.plan.rows.length ? this.plan.at(this.grid.active) : null;
    actions[button.dataset.do]();
    if (item && (button.dataset.do === "open" || button.dataset.do === "close")) {
      this.refresh();
      this.go(this.plan.rowOf[item.index], { focus: false });
    }
  }

  #place(moment, share) {
    this.scale.left += this.scale.x(moment) - this.width * share;
    this.#stretch();
    this.draw();
  }

  #key(event) {
    const row = this.grid.active;
    const item = this.plan.at(row);
    if (!item) return;
    const page = Math.max(1, Math.floor((this.height - HEAD) / ROW) - 1);
    const moving = this.mover.current;
    const keys = {
      ArrowDown: () => this.go(row + 1),
      ArrowUp: () => this.go(row - 1),
      PageDown: () => this.go(row + page),
      PageUp: () => this.go(row - page),
      Home: () => this.go(0),
      End: () => this.go(this.plan.rows.length - 1),
      ArrowRight: () => (item.hasChildren && !item.open ? this.toggle(item, true) : item.hasChildren ? this.go(row + 1) : undefined),
      ArrowLeft: () => (item.hasChildren && item.open ? this.toggle(item, false) : item.parent >= 0 ? this.go(this.plan.rowOf[item.parent]) : undefined),
      Enter: () => (moving ? this.mover.commit() : this.open(item)),
      Escape: () => this.mover.cancel(),
      F8: () => this.nextProblem(),
      "+": () => this.zoom(this.scale.perDay * 1.5),
      "=": () => this.zoom(this.scale.perDay * 1.5),
      "-": () => this.zoom(this.scale.perDay / 1.5),
    };
    const nudges = { ArrowLeft: ["start", -1], ArrowRight: ["start", 1], ArrowUp: ["duration", 1], ArrowDown: ["duration", -1] };
    if (event.altKey && event.shiftKey && nudges[event.key]) {
      const [kind, sign] = nudges[event.key];
      event.preventDefault();
      this.#bringIn(item);
      if (this.mover.begin(item, kind)) this.mover.step(sign);
      return;
    }
    if (event.altKey || event.metaKey || (event.ctrlKey && event.key !== "Home" && event.key !== "End")) return;
    if (!keys[event.key] || (event.key === "Escape" && !moving)) return;
    event.preventDefault();
    if (moving && event.key !== "Enter" && event.key !== "Escape") this.mover.cancel();
    keys[event.key]();
  }
}

function listenToPointer(gantt) {
  const { canvas } = gantt;
  let press = null;
  const under = (event) => {
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const y = event.clientY - box.top;
    const row = y < HEAD ? -1 : Math.floor((y - HEAD + gantt.scroller.scrollTop) / ROW);
    if (row < 0 || row >= gantt.plan.rows.length) return { x, row: -1 };
    const item = gantt.plan.at(row);
    if (item.start === null) return { x, row };
    const left = gantt.scale.x(item.start) - (item.kind === "milestone" ? 8 : 0);
    const right = Math.max(gantt.scale.x(item.finish), left + 4) + (item.kind === "milestone" ? 8 : 0);
    if (x < left - 3 || x > right + 5) return { x, row };
    const end = item.kind === "task" && x > right - Math.min(7, (right - left) / 3);
    return { x, row, item, kind: end ? "duration" : "start" };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const hit = under(event);
    if (hit.row >= 0) gantt.go(hit.row);
    press = hit.item ? { ...hit, moved: false } : { x: hit.x, left: gantt.scale.left, pan: true };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const hit = under(event);
    if (!press) {
      canvas.style.cursor = hit.item && gantt.plan.editable && !hit.item.hasChildren ? (hit.kind === "duration" ? "ew-resize" : "grab") : "default";
      if (hit.row !== gantt.hover) {
        gantt.hover = hit.row;
        gantt.draw();
      }
      return;
    }
    if (press.pan) {
      gantt.across.scrollLeft = press.left - (hit.x - press.x);
      return;
    }
    if (!press.moved && Math.abs(hit.x - press.x) < 4) return;
    if (!press.moved && !gantt.mover.begin(press.item, press.kind)) {
      press = null;
      return;
    }
    press.moved = true;
    gantt.mover.to(Math.round((hit.x - press.x) / gantt.scale.perDay));
  });
  const release = (keep) => () => {
    if (press?.moved) {
      if (keep) gantt.mover.commit();
      else gantt.mover.cancel();
    }
    press = null;
  };
  canvas.addEventListener("pointerup", release(true));
  canvas.addEventListener("pointercancel", release(false));
  canvas.addEventListener("pointerleave", () => {
    if (press || gantt.hover < 0) return;
    gantt.hover = -1;
    gantt.draw();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !press?.moved) return;
    press = null;
    gantt.mover.cancel();
  });
}

function listenToSplitter(gantt) {
  const splitter = gantt.part("gantt-splitter");
  const view = gantt.part("gantt-view");
  const resize = (width) => {
    const bounded = Math.round(Math.max(120, Math.min(width, view.clientWidth - 120)));
    view.style.setProperty("--gantt-left", `${bounded}px`);
    splitter.setAttribute("aria-valuenow", String(bounded));
  };
  splitter.setAttribute("aria-valuenow", String(gantt.part("gantt-left").clientWidth));
  splitter.addEventListener("pointerdown", (event) => {
    splitter.setPointerCapture(event.pointerId);
    const follow = (moved) => resize(moved.clientX - view.getBoundingClientRect().left);
    splitter.addEventListener("pointermove", follow);
    splitter.addEventListener("lostpointercapture", () => splitter.removeEventListener("pointermove", follow), { once: true });
  });
  splitter.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (!step) return;
    event.preventDefault();
    resize(gantt.part("gantt-left").clientWidth + step);
  });
}

async function load(section) {
  const answer = await fetch(section.dataset.src); // as the page preloads it: with other headers it would be fetched twice
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function mount(section) {
  try {
    section.gantt = new Gantt(section, await load(section));
    // The page's pulse says when a calculation has ended; what cannot be fetched then is fetched with the next one.
    document.body.addEventListener("recomputed", () => load(section).then((data) => section.gantt.take(data), () => {}));
    section.dispatchEvent(new CustomEvent("gantt:ready", { bubbles: true }));
  } catch (error) {
    const note = document.createElement("p");
    note.className = "notice notice-red";
    note.setAttribute("role", "alert");
    note.textContent = t("The plan could not be drawn ({reason}). Nothing was changed; reload the page to try again.", { reason: error.message });
    section.prepend(note);
  }
}

for (const section of document.querySelectorAll("[data-gantt]")) mount(section);
