"""From facts to results: the network, its levelling, the forecasts and earned value, without a database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from steerco.engine.check import Finding, Severity
from steerco.engine.drivers import AssumedSpread, RiskDriver
from steerco.engine.level import Levelled, level
from steerco.engine.network import schedule as network_schedule
from steerco.engine.order import circle
from steerco.engine.plan import Constraint, Link, Plan
from steerco.engine.quality import findings as quality_findings
from steerco.engine.schedule import Schedule
from steerco.engine.simulate import simulate, what_closing_buys
from steerco.engine.trial import Trial
from steerco.engine.worktime import CalendarError
from steerco.status.calculation import MINUTES_A_DAY, Calculation, Distribution, DriverFact, Missing
from steerco.status.drivers import costs_of, planned_total, risk_drivers
from steerco.status.facts import NodeFact, ProjectFacts
from steerco.status.loads import peak_loads
from steerco.status.network import PlanFacts
from steerco.status.policy import Policy
from steerco.status.throughput import throughput_of
from steerco.status.worth import earned, earned_in_time

CELLS = 8_000_000  # tasks x draws: what a simulation may take of time and memory
DRIVER_CELLS = 4_000_000
LEVER_CELLS = 12_000_000  # tasks x draws x risks tried
CLOSED = 12  # risks that are tried without, the greatest exposure first
HELD_BY = 3  # tasks that one waits for on a resource, at most
SHOWN = 12  # drivers that are kept with a forecast

Say = Callable[[str], None]
NO_NETWORK = Missing(_("No work item has a duration or dates."))


def quiet(_message: str) -> None:
    """Progress that nobody watches."""


def seed_of(key: str) -> int:
    """The seed of a node: the same inputs give the same answer, and two projects do not share their luck."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=4).digest(), "big")


def seed_for(node: NodeFact) -> int:
    """The seed a project was given in its options, else the one that follows from its key."""
    given = node.options.get("seed")
    return given if isinstance(given, int) and 0 < given < 2**32 else seed_of(node.key)


def calculate(
    facts: ProjectFacts, plan: PlanFacts, policy: Policy, today: date, say: Say = quiet
) -> Calculation:
    """Everything that can be calculated of a project; what cannot says what is missing.

    `say` is told what is being worked on, about every few seconds.
    """
    findings = list(plan.findings)
    found: Schedule | None = None
    if plan.plan is not None:
        say("network")
        try:
            found = network_schedule(plan.plan)
        except CalendarError as error:
            findings.append(
                Finding("calendar", Severity.ERROR, f"{error}.", "Give the calendar more working time.")
            )
    levelled: Levelled | None = None
    if plan.plan is not None and found is not None and any(t.demands for t in plan.plan.tasks):
        say("levelling")
        levelled = level(plan.plan, found)
        findings += levelled.findings
    quality: float | Missing = NO_NETWORK
    if plan.plan is not None and found is not None:
        doubts = quality_findings(plan.plan, found)
        findings += doubts
        quality = score_of(doubts)
    finish: Distribution | Missing = NO_NETWORK
    cost: Distribution | Missing = Missing(_("No work item has a cost."))
    p80s: dict[str, int] = {}
    if plan.plan is not None and found is not None:
        say("simulation")
        staffed = with_resource_order(plan, levelled) if policy.forecast["levelled"] else plan
        staffed = unpinned(staffed)
        trial = trial_of(facts, staffed, policy, found)
        drivers = _drivers(facts, staffed, policy, trial, say)
        finish = _finish(trial, found, drivers)
        if trial.costs is not None:
            cost = _cost(trial, planned_total(facts), drivers)
        p80s = {key: int(p80) for key, p80 in zip(trial.keys, trial.task_p80)}
        if trial.idle_risks:
            findings.append(_idle(trial.idle_risks))
    say("earned value")
    pace, grows = throughput_of(facts, plan, policy, seed_for(facts.node), today)
    findings += grows
    return Calculation(
        schedule=found,
        levelled={key: levelled[key] for key in levelled.keys} if levelled else {},
        findings=tuple(findings),
        quality=quality,
        finish=finish,
        throughput=pace,
        cost=cost,
        earned=earned(facts, plan.forecast_from),
        earned_schedule=earned_in_time(facts, plan.forecast_from),
        loads=peak_loads(plan.plan, found) if plan.plan is not None and found is not None else {},
        p80_of_task=p80s,
    )


def trial_of(
    facts: ProjectFacts,
    plan: PlanFacts,
    policy: Policy,
    found: Schedule | None,
    *,
    draws: int | None = None,
    criticality: bool = True,
) -> Trial:
    """The simulation of a project as its policy asks for it. Large plans are drawn less often."""
    assert plan.plan is not None
    return simulate(
        plan.plan,
        seed=seed_for(facts.node),
        draws=draws or draws_for(plan.plan, int(policy.forecast["draws"]), CELLS),
        drivers=risk_drivers(facts, plan),
        correlation=float(policy.forecast["correlation"]),
        assumed_spread=_spread(policy),
        costs=costs_of(facts, plan, found),
        status_date=plan.forecast_from,
        criticality=criticality,
    )


def score_of(doubts: Sequence[Finding]) -> float:
    """Schedule quality from 0 to 100: each kind of error costs 15 points, each kind of warning 7, notes nothing.

    A warning five times beyond its limit costs double: half a plan without links is worse than a twentieth.
    """
    worst: dict[str, int] = {}
    for doubt in doubts:
        points = {Severity.ERROR: 15, Severity.WARNING: 7}.get(doubt.severity, 0)
        if doubt.value is not None and doubt.threshold and doubt.value >= 5 * doubt.threshold:
            points *= 2
        worst[doubt.code] = max(worst.get(doubt.code, 0), points)
    return float(max(100 - sum(worst.values()), 0))


def with_resource_order(plan: PlanFacts, levelled: Levelled | None) -> PlanFacts:
    """The plan with links from the tasks that hold a resource to those that wait for it.

    So a simulated delay hands itself on through people as it does through links, which fixed delays could not show.
    A plan in which that would run in a circle is left as it is.
    """
    if plan.plan is None or levelled is None:
        return plan
    waits = {Link(blocker, move.task): None for move in levelled.moves for blocker in move.blockers[:HELD_BY]}
    known = set(plan.plan.links)
    ordered = replace(plan.plan, links=(*plan.plan.links, *(link for link in waits if link not in known)))
    return plan if circle(ordered) else replace(plan, plan=ordered)


def unpinned(plan: PlanFacts) -> PlanFacts:
    """The plan with open tasks that were scheduled by hand set free to be late: a pin keeps no date in the world.

    The pinned start becomes the earliest start, so that links and overruns can push it.
    """
    if plan.plan is None:
        return plan
    tasks = tuple(
        replace(t, manual=False, constraint=Constraint.SNET, constraint_date=t.manual_start)
        if t.manual and t.actual_finish is None and t.manual_start is not None
        else t
        for t in plan.plan.tasks
    )
    return replace(plan, plan=replace(plan.plan, tasks=tasks))


def draws_for(plan: Plan, wanted: int, cells: int) -> int:
    """Draws that keep tasks x draws inside `cells`, at least 500 and at most what was wanted."""
    return min(wanted, max(500, cells // max(len(plan.tasks), 1)))


def _spread(policy: Policy) -> AssumedSpread:
    low, mode, high = (float(x) for x in policy.forecast["spread"])
    return AssumedSpread(low, mode, high)


def _drivers(
    facts: ProjectFacts, plan: PlanFacts, policy: Policy, trial: Trial, say: Say
) -> tuple[DriverFact, ...]:
    """What moves the finish: risks with what closing them buys, tasks and the common cause with their swing."""
    assert plan.plan is not None
    risks = risk_drivers(facts, plan)
    titles = {r.ref: r.title for r in facts.risks} | {i.ref: i.title for i in facts.items}
    chance = {r.key: r.probability for r in risks}
    often = dict(zip(trial.keys, trial.criticality.tolist()))
    middle = trial.mean_finish
    bars = {
        (bar.kind, bar.key): (
            (bar.kind_finish - middle) / MINUTES_A_DAY,
            (bar.worst_finish - middle) / MINUTES_A_DAY,
        )
        for bar in trial.tornado
        if bar.kind == "risk" or (bar.kind == "task" and often[bar.key] > 0)
    }
    draws = draws_for(plan.plan, int(policy.forecast["driver_draws"]), DRIVER_CELLS)
    passes = LEVER_CELLS // (draws * max(len(plan.plan.tasks), 1)) - 1
    tried = tuple(r for r in risks if r.impact is not None)[: min(max(passes, 2), CLOSED)]
    gains: dict[str, float] = {}
    if tried:
        say("levers")
        gains = _closings(facts, plan, policy, tried, draws)
    money = {r.ref: float(r.exposure_cost or 0) for r in facts.open_risks}
    found = []
    for kind, key in dict.fromkeys([*(("risk", r.key) for r in risks), *bars]):
        better, worse = bars.get((kind, key), (0.0, 0.0))
        share = chance.get(key, 0.0) if kind == "risk" else often.get(key, 0.0)
        found.append(
            DriverFact(
                key,
                titles.get(key, ""),
                kind,
                round(gains.get(key, 0.0), 2),
                round(min(better, worse), 2),
                round(max(better, worse), 2),
                round(money.get(key, 0.0), 2),
                round(share, 4),
            )
        )
    found.sort(key=lambda d: (-max(d.gain, d.worse - d.better), d.ref))
    return tuple(found[:SHOWN])


def _closings(
    facts: ProjectFacts, plan: PlanFacts, policy: Policy, tried: tuple[RiskDriver, ...], draws: int
) -> dict[str, float]:
    """Calendar days of P80 that closing each risk buys, all else being equal."""
    assert plan.plan is not None
    found = what_closing_buys(
        plan.plan,
        seed=seed_for(facts.node),
        drivers=tried,
        draws=draws,
        correlation=float(policy.forecast["correlation"]),
        assumed_spread=_spread(policy),
        status_date=plan.forecast_from,
    )
    return {c.key: c.minutes / MINUTES_A_DAY for c in found}


def _finish(trial: Trial, found: Schedule, drivers: tuple[DriverFact, ...]) -> Distribution:
    return Distribution(
        sample=trial.finishes.astype(float),
        deterministic=float(found.project_finish),
        seed=trial.seed,
        method=gettext_noop(
            "simulation of the network with three-point estimates, common cause and risks as drivers"
        ),
        assumed_share=trial.assumed_share,
        drivers=drivers,
    )


def _cost(trial: Trial, planned: float, drivers: tuple[DriverFact, ...]) -> Distribution:
    assert trial.costs is not None
    costly = sorted((d for d in drivers if d.money > 0), key=lambda d: (-d.money, d.ref))
    return Distribution(
        sample=trial.costs,
        deterministic=planned,
        seed=trial.seed,
        method=gettext_noop("simulation of remaining work at its cost per minute, with the cost of risks"),
        assumed_share=trial.assumed_share,
        drivers=tuple(replace(d, better=0.0, worse=0.0) for d in costly),
    )


def _idle(refs: tuple[str, ...]) -> Finding:
    return Finding(
        "idle-risk",
        Severity.WARNING,
        f"These risks threaten finished work only and move nothing: {', '.join(refs)}.",
        "Close them, or link them to work that is open.",
        refs,
    )
