"""The plan: fast at ten thousand items, the same by pointer and keyboard, and honest when the server refuses."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def plan_page(visit, query: str = "items=200&links=300", **options):
    page = visit(f"plan?{query}", **options)
    page.wait_for_function("document.querySelector('[data-gantt]').gantt")
    return page


def focus_row(page, ref: str):
    page.evaluate("(ref) => { const g = document.querySelector('[data-gantt]').gantt; const i = g.plan.byRef.get(ref); g.plan.reveal(i); g.refresh(); g.go(g.plan.rowOf[i.index]); }", ref)


def active(page) -> dict:
    return page.evaluate(
        "() => { const e = document.activeElement; return {role: e.getAttribute('role'), text: e.textContent, level: e.getAttribute('aria-level'),"
        " expanded: e.getAttribute('aria-expanded'), setsize: e.getAttribute('aria-setsize'), posinset: e.getAttribute('aria-posinset')} }"
    )


def test_ten_thousand_items_are_painted_at_once_and_scroll_smoothly(visit):
    page = visit("plan?items=10000&links=15000", wait="commit")
    page.wait_for_function("document.querySelector('[data-gantt]')?.gantt", timeout=20_000)
    first = page.evaluate(
        """() => { const data = performance.getEntriesByType('resource').find((e) => e.name.includes('plan.json'));
                   return document.querySelector('[data-gantt]').gantt.painted - data.responseEnd; }"""
    )
    frames = page.evaluate(
        """async () => {
          const g = document.querySelector('[data-gantt]').gantt;
          const scroller = g.scroller; const gaps = []; const work = [];
          let before = await new Promise(requestAnimationFrame);
          for (let n = 0; n < 120; n += 1) {
            scroller.scrollTop += n % 40 === 39 ? 20000 : 90;
            const now = await new Promise(requestAnimationFrame);
            const began = performance.now(); g.frame(); work.push(performance.now() - began);
            gaps.push(now - before); before = now;
          }
          const sorted = (values) => values.sort((a, b) => a - b);
          return {median: sorted(gaps)[60], p95: gaps[114], work: sorted(work)[60], work95: work[114]};
        }"""
    )
    print(f"\nfirst paint {first:.0f} ms after the data; frame median {frames['median']:.1f} ms, p95 {frames['p95']:.1f} ms; work {frames['work']:.1f} ms, p95 {frames['work95']:.1f} ms")
    assert first < 1500
    assert frames["median"] < 25
    assert page.locator(".gantt-row").count() < 80, "rows out of sight must not exist"
    assert page.errors == []
    assert page.evaluate("violations") == []


def test_rows_tell_their_place_in_the_outline(visit):
    page = plan_page(visit)
    focus_row(page, "T-3")
    row = active(page)
    assert (row["role"], row["level"]) == ("row", "3")
    assert row["posinset"] == "1"
    page.keyboard.press("ArrowLeft")
    assert active(page)["expanded"] == "true"
    page.keyboard.press("ArrowLeft")
    assert active(page)["expanded"] == "false"
    page.keyboard.press("ArrowDown")
    assert "T-12" in active(page)["text"], "T-3 to T-11 are closed away"


def test_focus_survives_scrolling_far_away(visit):
    page = plan_page(visit, "items=2000&links=10")
    focus_row(page, "T-3")
    page.evaluate("document.querySelector('.gantt-scroll').scrollTop = 30000")
    page.wait_for_timeout(100)
    assert "T-3" in active(page)["text"]
    page.keyboard.press("ArrowDown")
    assert "T-4" in active(page)["text"]


def test_moving_by_keyboard_shows_the_consequence_and_sends_the_version(visit, received):
    page = plan_page(visit)
    focus_row(page, "T-3")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.wait_for_function("document.querySelector('.gantt-consequence').textContent.includes('2 items move')")
    assert "+3 d" in page.text_content(".gantt-consequence")
    assert [path for path, _ in received.posts] == ["/preview"]
    page.keyboard.press("Enter")
    page.wait_for_selector(".toast, [role=status]:has-text('moved')", state="attached")
    path, sent = received.posts[-1]
    assert path == "/move"
    assert sent["version"] == 1
    assert sent["ref"] == "T-3"


def test_escape_cancels_and_nothing_is_sent(visit, received):
    page = plan_page(visit)
    focus_row(page, "T-3")
    before = page.evaluate("document.querySelector('[data-gantt]').gantt.plan.byRef.get('T-3').start")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.keyboard.press("Escape")
    page.wait_for_timeout(250)
    assert received.posts == []
    assert page.evaluate("document.querySelector('[data-gantt]').gantt.plan.byRef.get('T-3').start") == before


def bar_middle(page, ref: str) -> tuple[float, float, float]:
    focus_row(page, ref)
    return tuple(
        page.evaluate(
            """(ref) => { const g = document.querySelector('[data-gantt]').gantt; const i = g.plan.byRef.get(ref); const b = g.canvas.getBoundingClientRect();
               g.part('gantt-scroll'); const row = g.plan.rowOf[i.index];
               return [b.left + (g.scale.x(i.start) + g.scale.x(i.finish)) / 2, b.top + 44 + row * 28 - g.scroller.scrollTop + 13, g.scale.perDay]; }""",
            ref,
        )
    )


def test_dragging_a_bar_asks_before_the_drop_and_saves_on_it(visit, received):
    page = plan_page(visit)
    x, y, per_day = bar_middle(page, "T-4")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + per_day * 7, y, steps=6)
    page.wait_for_function("document.querySelector('.gantt-consequence').textContent.includes('items move')")
    assert all(path == "/preview" for path, _ in received.posts)
    page.mouse.up()
    page.wait_for_timeout(200)
    assert received.posts[-1][0] == "/move"


def test_a_drag_is_cancelled_by_escape(visit, received):
    page = plan_page(visit)
    x, y, per_day = bar_middle(page, "T-4")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + per_day * 7, y, steps=3)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(200)
    assert all(path == "/preview" for path, _ in received.posts)


def test_a_conflict_is_said_and_the_newer_version_taken(visit, received):
    page = plan_page(visit)
    received.conflict = True
    focus_row(page, "T-3")
    page.keyboard.press("Alt+Shift+ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('.gantt [role=status]').textContent.includes('S. Rao')")
    assert page.evaluate("document.querySelector('[data-gantt]').gantt.plan.byRef.get('T-3').version") == 2


def test_a_reader_cannot_move_and_is_told_why(visit, received):
    page = plan_page(visit, "items=200&links=300&editable=no")
    focus_row(page, "T-3")
    page.keyboard.press("Alt+Shift+ArrowRight")
    assert "not change it" in page.text_content(".gantt [role=status]")
    assert received.posts == []


def test_f8_goes_to_the_next_problem_and_says_it(visit):
    page = plan_page(visit)
    focus_row(page, "T-3")
    page.keyboard.press("F8")
    assert "T-34" in active(page)["text"]
    assert "after its deadline" in page.text_content(".gantt [role=status]")


def test_paper_gets_every_open_row(visit):
    page = plan_page(visit)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".gantt-paper tbody tr").count() == 200
