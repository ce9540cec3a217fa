"""Runs every check in order, shows all of them even when one fails, and ends with a summary."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from postgres import ServerFailed, throwaway_server
from system import CHROMIUM, POSTGRES, Need, provide

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("fast", "lint", "unit", "postgres", "browser", "install")
STEP_LIMIT = 40 * 60  # against hanging; a busy machine may need half of it
CLOSING = re.compile(r"^(?:\x1b\[[\d;]*m)*=+ .* in [\d.:]+\w?s?.* ?=+(?:\x1b\[[\d;]*m)*$")


@dataclass(frozen=True)
class Step:
    """One check: its heading, its commands (all run; one failure fails the step), and what it needs."""

    name: str
    part: str
    commands: tuple[tuple[str, ...], ...]
    needs: tuple[Need, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    fast: bool = False


@dataclass
class Outcome:
    """What became of one step; `closing` is pytest's own last line."""

    step: Step
    reason: str = ""
    seconds: float = 0.0
    closing: str = ""


def steps(pytest_options: list[str]) -> list[Step]:
    """All checks in the order they run, cheapest first."""
    pytest = (sys.executable, "-m", "pytest", "--color=yes" if sys.stdout.isatty() else "--color=no")
    # A file stays with one worker: what its tests share, such as a filled database, is made once.
    two = ("-n", "2", "--dist", "loadfile")
    manage = (sys.executable, "-W", "ignore", "-m", "django")
    django = {"DJANGO_SETTINGS_MODULE": "steerco.site.settings", "STEERCO_URL": "https://steerco.example.org"}
    listed = [
        Step("Format", "lint", (("ruff", "format", "--check", "."),), fast=True),
        Step("Lint", "lint", (("ruff", "check", "."),), fast=True),
        Step("Types", "lint", (("mypy",),)),
        Step("Import contracts", "lint", (("lint-imports", "--no-logo"),), fast=True),
        Step(
            "Migrations and deployment settings",
            "lint",
            (
                (*manage, "makemigrations", "--check", "--dry-run"),
                (*manage, "check", "--deploy", "--fail-level", "WARNING"),
            ),
            environment=django,
            fast=True,
        ),
        Step("Browser libraries", "lint", ((sys.executable, "scripts/vendor.py", "--check"),), fast=True),
        Step(
            "Unit and contract tests on SQLite",
            "unit",
            ((*pytest, *two, "-m", "not browser", "--ignore=tests/install", *pytest_options),),
        ),
        Step(
            "Database tests on PostgreSQL",
            "postgres",
            ((*pytest, *two, "-m", "database and not browser", "--ignore=tests/install", *pytest_options),),
            needs=(POSTGRES,),
        ),
        # One browser at a time: pages are timed, and the machine may have two cores.
        Step("Browser tests", "browser", ((*pytest, "-m", "browser", *pytest_options),), needs=(CHROMIUM,)),
        Step("Wheel in an empty environment", "install", ((*pytest, "tests/install"),)),
    ]
    if (ROOT / "scripts" / "documents.py").exists():
        check = (sys.executable, "scripts/documents.py", "--check")
        first_tests = next(number for number, step in enumerate(listed) if step.part != "lint")
        listed.insert(first_tests, Step("Generated documents", "lint", (check,), fast=True))
    return listed


def main() -> int:
    """Run the asked parts; 0 when all passed, 1 when something failed, 130 when interrupted."""
    parser = argparse.ArgumentParser(prog="./steer test", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only these: {', '.join(PARTS)}")
    arguments, pytest_options = _split(sys.argv[1:])
    parts = parser.parse_args(arguments).parts
    if unknown := [part for part in parts if part not in PARTS]:
        parser.error(f"no part {unknown[0]!r}. Known: {', '.join(PARTS)}")
    chosen = _choose(steps(pytest_options), parts)
    signal.signal(signal.SIGTERM, _end)
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {len(chosen)} checks", flush=True)
    provide([need for step in chosen for need in step.needs])
    outcomes: list[Outcome] = []
    interrupted = False
    try:
        with _databases(chosen) as (addresses, server_problem):
            for step in chosen:
                outcomes.append(Outcome(step, reason="interrupted"))
                _run(outcomes[-1], addresses, server_problem)
    except (KeyboardInterrupt, SystemExit):
        interrupted = True
    failed = _summary(outcomes, len(chosen))
    return 130 if interrupted else int(failed)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    if "--" not in arguments:
        return arguments, []
    cut = arguments.index("--")
    return arguments[:cut], arguments[cut + 1 :]


def _choose(listed: list[Step], parts: list[str]) -> list[Step]:
    if not parts:
        return listed
    chosen = [step for step in listed if step.part in parts or ("fast" in parts and step.fast)]
    if "fast" in parts and "unit" not in parts:
        unit = next(step for step in listed if step.part == "unit")
        command = tuple(
            "not browser and not slow" if word == "not browser" else word for word in unit.commands[0]
        )
        chosen.append(Step("Quick tests on SQLite", "unit", (command,)))
    return chosen


@contextlib.contextmanager
def _databases(chosen: list[Step]) -> Iterator[tuple[dict[str, str], str]]:
    """The address of a private PostgreSQL for the length of the run, or the reason why there is none."""
    if not any(POSTGRES in step.needs for step in chosen) or (binaries := POSTGRES.find()) is None:
        yield {}, POSTGRES.remedy
        return
    with contextlib.ExitStack() as stack:
        try:
            url = stack.enter_context(throwaway_server(binaries))
        except (ServerFailed, OSError) as problem:
            answer: tuple[dict[str, str], str] = ({}, str(problem))
        else:
            answer = ({"STEERCO_TEST_POSTGRES_URL": url}, "")
        yield answer


def _run(outcome: Outcome, addresses: dict[str, str], server_problem: str) -> None:
    step = outcome.step
    print(f"\n--- {step.name} " + "-" * max(3, 90 - len(step.name)), flush=True)
    environment = {**os.environ, **addresses, **step.environment}
    environment.pop("STEERCO_DATABASE_URL", None)
    started = time.monotonic()
    absent = next((need.remedy for need in step.needs if need.find() is None), "")
    if POSTGRES in step.needs:
        absent = absent or (server_problem if not addresses else "")
        environment["STEERCO_DATABASE_URL"] = addresses.get("STEERCO_TEST_POSTGRES_URL", "")
    if CHROMIUM in step.needs and (chromium := CHROMIUM.find()):
        environment["STEERCO_CHROMIUM"] = str(chromium)
    if absent:
        print(absent, flush=True)
        outcome.reason = "could not run"
        return
    reasons = []
    for command in step.commands:
        code, closing = _stream(command, environment)
        outcome.closing = closing or outcome.closing
        if code != 0:
            reasons.append(f"ended after {STEP_LIMIT} s" if code is None else f"exit code {code}")
    outcome.seconds = time.monotonic() - started
    outcome.reason = ", ".join(reasons)
    print(f"{'FAILED' if reasons else 'passed'} in {outcome.seconds:.1f} s", flush=True)


def _stream(command: tuple[str, ...], environment: dict[str, str]) -> tuple[int | None, str]:
    """Run a command and pass its output on line by line.

    Returns its exit code (None when it took longer than STEP_LIMIT and was ended) and pytest's closing line.
    """
    closing = ""
    # A session of its own, so that browsers and workers a test left behind can be ended with it.
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    started = time.monotonic()
    limit = threading.Timer(STEP_LIMIT, _end_group, (process.pid, signal.SIGKILL))
    limit.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.write(line)
            sys.stdout.flush()
            if CLOSING.match(line.rstrip()):
                closing = line.rstrip()
        code = process.wait()
        return (None if time.monotonic() - started >= STEP_LIMIT else code), closing
    finally:
        limit.cancel()
        if process.poll() is None:
            _end_group(process.pid, signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
        _end_group(process.pid, signal.SIGKILL)


def _end_group(leader: int, with_signal: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, with_signal)


def _summary(outcomes: list[Outcome], planned: int) -> bool:
    """Print the table and pytest's closing lines; whether anything failed or did not run."""
    width = max((len(outcome.step.name) for outcome in outcomes), default=0)
    print("\n=== Summary " + "=" * 82)
    for outcome in outcomes:
        mark = "FAILED" if outcome.reason else "passed"
        row = f"{mark}  {outcome.step.name:<{width}}  {outcome.seconds:7.1f} s  {outcome.reason}"
        print(row.rstrip())
        if outcome.closing:
            print(f"        {outcome.closing}")
    failed = [outcome for outcome in outcomes if outcome.reason]
    total = sum(outcome.seconds for outcome in outcomes)
    left = planned - len(outcomes)
    verdict = "All checks passed" if not failed and not left else f"{len(failed)} of {planned} checks failed"
    if left:
        verdict += f", {left} did not run"
    print(f"{verdict} in {total:.0f} s.", flush=True)
    return bool(failed or left)


def _end(*_: object) -> None:
    raise SystemExit(143)


if __name__ == "__main__":
    sys.exit(main())
