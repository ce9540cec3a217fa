"""Schedule quality: what makes dates hard to believe is found and named, and small plans are left in peace."""

from dataclasses import replace
from datetime import datetime

import pytest

from steerco.engine.calendar import Calendar
from steerco.engine.check import Severity
from steerco.engine.network import schedule
from steerco.engine.plan import Constraint, Link, LinkType, Plan, Resource, Task, to_minute
from steerco.engine.quality import Limits, findings

START = to_minute(datetime(2026, 1, 5, 8))
DAY = 480


def chain(count: int, **more) -> Plan:
    tasks = tuple(Task(f"T{i}", 2 * DAY) for i in range(count))
    links = tuple(Link(f"T{i}", f"T{i + 1}") for i in range(count - 1))
    return Plan(start=START, tasks=tasks, links=links, calendars={"": Calendar.standard()}, **more)


def with_task(plan: Plan, at: int, **changes) -> Plan:
    return replace(plan, tasks=(*plan.tasks[:at], replace(plan.tasks[at], **changes), *plan.tasks[at + 1 :]))


def codes(plan: Plan, **limits) -> dict[str, tuple[str, ...]]:
    return {f.code: f.tasks for f in findings(plan, schedule(plan), Limits(**limits))}


def test_a_sound_chain_has_no_findings():
    assert findings(chain(20), schedule(chain(20))) == ()


def test_a_small_plan_gets_one_note_not_a_shower():
    plan = replace(chain(3), links=())
    (finding,) = findings(plan, schedule(plan))
    assert (finding.code, finding.severity, finding.value) == ("too-few-tasks", Severity.NOTE, 3)


def test_finished_and_empty_plans_have_nothing_to_find():
    done = with_task(chain(1), 0, actual_start=START, actual_finish=START + 1440)
    for plan in (done, replace(chain(1), tasks=())):
        assert findings(plan, schedule(plan)) == ()


def test_26_one_day_tasks_on_one_date_without_links_are_a_list_not_a_plan():
    plan = Plan(
        start=START, tasks=tuple(Task(f"T{i}", DAY) for i in range(26)), calendars={"": Calendar.standard()}
    )
    first = findings(plan, schedule(plan))[0]
    assert (first.code, first.severity, first.value, len(first.tasks)) == (
        "unlinked-batch",
        Severity.ERROR,
        26,
        26,
    )
    assert "26 tasks of 1 days each all start on 2026-01-05 and have no links" in first.sentence
    assert {"missing-predecessors", "missing-successors"} <= codes(plan).keys()


def test_negative_float_says_how_many_days_are_missing():
    plan = with_task(chain(20), 19, deadline=START)
    finding = next(f for f in findings(plan, schedule(plan)) if f.code == "negative-float")
    assert finding.severity is Severity.ERROR
    assert finding.value == -40 * DAY
    assert "40.0 days are missing" in finding.sentence


@pytest.mark.parametrize(
    ("code", "plan"),
    [
        ("leads", replace(chain(20), links=(*chain(20).links[1:], Link("T0", "T1", lag=-DAY)))),
        (
            "lags",
            replace(
                chain(20), links=(*chain(20).links[2:], Link("T0", "T1", lag=DAY), Link("T1", "T2", lag=DAY))
            ),
        ),
        (
            "link-types",
            replace(chain(20), links=tuple(replace(k, type=LinkType.FF) for k in chain(20).links)),
        ),
        ("dangling", replace(chain(20), links=tuple(replace(k, type=LinkType.SS) for k in chain(20).links))),
        ("missing-predecessors", replace(chain(20), links=chain(20).links[3:])),
        ("missing-successors", replace(chain(20), links=chain(20).links[:-3])),
        (
            "manual-tasks",
            replace(
                chain(20), tasks=tuple(replace(t, manual=True, manual_start=START) for t in chain(20).tasks)
            ),
        ),
        (
            "high-duration",
            replace(chain(20), tasks=tuple(replace(t, duration=50 * DAY) for t in chain(20).tasks)),
        ),
        ("missing-resources", chain(20, resources=(Resource("Ann", 1),))),
        (
            "hard-constraints",
            replace(
                chain(20),
                tasks=tuple(
                    replace(t, constraint=Constraint.SNLT, constraint_date=START + 99 * 1440)
                    for t in chain(20).tasks
                ),
            ),
        ),
        (
            "high-float",
            replace(
                chain(40),
                tasks=(replace(chain(40).tasks[0], duration=200 * DAY), *chain(40).tasks[1:]),
                links=chain(40).links[1:],
            ),
        ),
        ("critical-path-length-index", chain(20, finish=START + 10 * 1440)),
    ],
)
def test_each_weakness_is_found_under_its_code(code, plan):
    found = {f.code: f for f in findings(plan, schedule(plan))}
    assert code in found
    assert (
        found[code].sentence
        and found[code].remedy
        and found[code].value is not None
        and found[code].threshold is not None
    )


def test_dates_on_the_wrong_side_of_the_data_date():
    plan = chain(12, data_date=START + 1440)
    plan = with_task(plan, 1, actual_start=START + 5 * 1440)
    found = codes(plan)
    assert found["actuals-in-the-future"] == ("T1",)
    assert found["forecast-in-the-past"] == ("T0",)


def test_missed_baseline_and_execution_index():
    due = tuple(replace(t, baseline_finish=START + 1440) for t in chain(12).tasks)
    plan = replace(chain(12, data_date=START + 30 * 1440), tasks=due)
    found = {f.code: f for f in findings(plan, schedule(plan))}
    assert found["missed-tasks"].value == 1.0
    assert found["baseline-execution-index"].value == 0.0


def test_a_last_task_that_does_not_follow_critical_work_fails_the_critical_path_test():
    assert "critical-path-test" not in codes(chain(12))
    late = START + 60 * 1440
    pinned = with_task(chain(12), 11, manual=True, manual_start=late, manual_finish=late + 540)
    # the deadline makes the work before it critical
    assert codes(with_task(pinned, 10, deadline=START))["critical-path-test"] == ("T0", "T11")


def test_links_of_a_summary_count_for_its_tasks():
    tasks = (
        Task("S", 0),
        *(Task(f"C{i}", DAY, parent="S") for i in range(12)),
        Task("A", DAY),
        Task("Z", DAY),
    )
    plan = Plan(
        start=START, tasks=tasks, links=(Link("A", "S"), Link("S", "Z")), calendars={"": Calendar.standard()}
    )
    assert not {"missing-predecessors", "missing-successors", "unlinked-batch"} & codes(plan).keys()
