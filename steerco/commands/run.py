"""steerco run: plan, work and register files in, packs and one JSON document out; needs no server and no set-up."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from steerco.commands.console import SETTINGS, Failed, answer, as_json, progress, say
from steerco.commands.report import FORMATS, formats_of

if TYPE_CHECKING:
    from steerco.commands.gathering import Gathered

RESULT = "result.json"
FRESH = timedelta(days=31)  # files younger than this are judged as of today


@click.command("run")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the packs and result.json."
)
@click.option(
    "--format",
    "formats",
    default=",".join(FORMATS),
    show_default=True,
    callback=lambda _c, _p, v: formats_of(v),
)
@click.option(
    "--draws", type=click.IntRange(100, 200_000), help="Draws of the simulation; the policy's otherwise."
)
@click.option(
    "--seed",
    type=click.IntRange(1, 2**32 - 1),
    help="Seed of the simulation; from the project's key otherwise.",
)
@click.option(
    "--committed",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The finish that was promised; the plan's own finish stands in for it otherwise, and is named.",
)
@click.option("--budget", type=click.FLOAT, help="The approved budget, in the plan's currency.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="The day to judge from; today otherwise.")
@click.option("--language", default="en", show_default=True)
@as_json
def command(
    paths: tuple[Path, ...],
    out: Path | None,
    formats: list[str],
    draws: int | None,
    seed: int | None,
    committed: datetime | None,
    budget: float | None,
    as_of: datetime | None,
    language: str,
    as_json: bool,
) -> int:
    """Calculate the plans, backlogs and registers of a folder and write their status packs.

    Files of one folder belong to one project when there is one plan among them; several plans are a project each. Each
    sub-folder is read the same way. Nothing is kept but what is written to --out.
    """
    if out is None and not as_json:
        raise click.UsageError("Name a folder for the packs with --out, or ask for --json.")
    for path in paths:
        if not path.exists():
            raise Failed(f"There is no file or folder {path}.", "Check the path.", 3)
    if out is not None:
        refuse_foreign(out)
    now = (
        datetime.now(UTC)
        if as_of is None
        else datetime.combine(as_of.date(), datetime.min.time(), UTC).replace(hour=12)
    )
    home = Path(tempfile.mkdtemp(prefix="steerco-run-"))
    try:
        throwaway_home(home)
        from steerco.commands import gathering

        with progress("Reading", quiet=as_json) as update:
            gathered = gathering.gather(paths, update)
        if not gathered.projects:
            told = {"schema": 1, "ok": False, "projects": [], **_left(gathered)}
            for line in _left_text(gathered):
                say(line, quiet=as_json)
            if as_json:
                answer(told, True)
            else:
                say("steerco: No file could be read. Each is named above with what to do.")
            return 3
        parts = home / "pack"
        parts.mkdir()
        promise = Promise(committed.date() if committed else None, budget)
        result = _work(
            gathered,
            parts,
            formats if out else [],
            now,
            as_of is not None,
            draws,
            seed,
            promise,
            language,
            as_json,
        )
        if out is not None:
            result["out"] = str(out)
            _publish(parts, out, result)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    answer(result, as_json, "\n".join(_text(result)))
    return 0 if result["ok"] else 1


def throwaway_home(home: Path) -> None:
    """Load Django on an empty database of its own, made straight from the models and never synced to disk."""
    os.environ["STEERCO_HOME"] = str(home)
    os.environ.pop("STEERCO_DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    import django
    from django.conf import settings

    options: Any = settings.DATABASES["default"]["OPTIONS"]
    options["init_command"] = (
        "PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
    )
    settings.MIGRATION_MODULES = {name.rpartition(".")[2]: None for name in settings.INSTALLED_APPS}
    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False, skip_checks=True)


def _work(
    gathered: Gathered,
    parts: Path,
    formats: list[str],
    now: datetime,
    as_of_given: bool,
    draws: int | None,
    seed: int | None,
    promise: Promise,
    language: str,
    quiet: bool,
) -> dict[str, Any]:
    from django.utils import translation

    from steerco.areas.plan.actions import keep_option
    from steerco.commands import gathering
    from steerco.commands.console import operator
    from steerco.commands.result import SCHEMA, health_of, project_result
    from steerco.connect import intake
    from steerco.connect.receipts import ImportRefused
    from steerco.kit import workspace
    from steerco.kit.refusals import Invalid, Refused
    from steerco.kit.tree import Node, NodeKind
    from steerco.kit.write import door
    from steerco.status.recompute import recompute

    actor = operator()
    started = time.monotonic()
    top = workspace.create_node(actor, None, NodeKind.PORTFOLIO, _portfolio_name(gathered), key="PORTFOLIO")
    if draws:
        with door(actor) as opened:
            keep_option(opened, top, "health_policy", {"forecast": {"draws": draws}})
    nodes: list[tuple[Node, list[dict[str, Any]]]] = []
    with progress("Taking in", quiet=quiet) as update:
        for done, project in enumerate(gathered.projects, 1):
            node = workspace.create_node(actor, top, NodeKind.PROJECT, project.name)
            if seed:
                with door(actor) as opened:
                    keep_option(opened, node, "seed", seed)
            sources = []
            for found in project.found:
                told = {"file": found.file, "system": found.reading.system, "sha256": found.sha256}
                node = Node.objects.get(pk=node.pk)
                try:
                    intake.apply(actor, found.reading, node, sha256=found.sha256)
                except (ImportRefused, Invalid, Refused) as refusal:
                    gathered.refused.append(
                        gathering.Refusal(
                            found.file,
                            getattr(refusal, "text", str(refusal)),
                            getattr(refusal, "remedy", "Correct the file and run again."),
                        )
                    )
                else:
                    sources.append(told)
            if remark := _promise(actor, node, promise):
                gathered.remarks.append(remark)
            nodes.append((node, sources))
            update(done, len(gathered.projects))
    results = []
    with progress("Calculating and writing", quiet=quiet) as update, translation.override(language):
        for done, (node, sources) in enumerate(nodes, 1):
            judged = now if as_of_given else _judged_from(node, now)
            if judged != now:
                gathered.remarks.append(
                    f"{node.name}: the files end in the past and tell no later news, so it is judged as of "
                    f"{_day(judged.isoformat())}. Name another day with --as-of."
                )
            recompute(node.pk, now=judged)
            packs = _packs("weekly", node, f"weekly-{_slug(node)}", parts, formats, judged, language)
            results.append(project_result(Node.objects.get(pk=node.pk), sources, packs))
            update(done, len(nodes) + 1)
        snapshot = recompute(top.pk, now=now)
        steering = _packs("steering", top, "steering", parts, formats, now, language)
        health = health_of(snapshot)
    refused_rows = sum(result["import"]["counts"]["refused"] for result in results)
    return {
        "schema": SCHEMA,
        "ok": not gathered.refused and not refused_rows,
        "as_of": now.date().isoformat(),
        "projects": results,
        "portfolio": {"key": top.key, "name": top.name, "health": health, "packs": steering},
        **_left(gathered),
        "seconds": round(time.monotonic() - started, 2),
    }


def _judged_from(node: Any, now: datetime) -> datetime:
    """When the files were true: their data date or last news, and the start of a plan that was over before today.

    Files are a picture of their day; judged from years later, every plan kept for an example would be years late.
    """
    from django.db.models import Max

    from steerco.areas.plan.models import WorkItem

    node.refresh_from_db()
    rows = WorkItem.objects.filter(node=node, archived_at__isnull=True)
    names = ("actual_start", "actual_finish", "created_on", "finished_on", "planned_finish")
    last = rows.aggregate(**{name: Max(name) for name in names})
    end = last.pop("planned_finish")
    news = [_noon(moment) for moment in (node.status_date, *last.values()) if moment is not None]
    told = max(news) if news else _noon(node.start) if node.start and end and end < now else now
    return told if now - told > FRESH else now


def _noon(moment: Any) -> datetime:
    return datetime(moment.year, moment.month, moment.day, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, as far as the caller says."""

    committed: date | None
    budget: float | None


def _promise(actor: Any, node: Any, promise: Promise) -> str:
    """Write the promise into the project. Without one the latest baseline finish, else planned finish, stands in; says so."""
    from django.db.models import Max
    from django.db.models.functions import Coalesce

    from steerco.areas.plan.models import WorkItem
    from steerco.kit import workspace
    from steerco.kit.tree import Node

    node = Node.objects.get(pk=node.pk)
    committed, said = promise.committed, ""
    if committed is None and node.committed_finish is None:
        ends = WorkItem.objects.filter(node=node, inactive=False, archived_at__isnull=True)
        last = ends.aggregate(last=Max(Coalesce("baseline_finish", "planned_finish")))["last"]
        if last is not None:
            committed = last.date()
            said = (
                f"{node.name}: nobody said which finish was promised; the plan's own, {_day(committed.isoformat())}, stands in "
                "for it. Name another with --committed."
            )
    fields = {"committed_finish": committed, "budget": promise.budget}
    given = {name: value for name, value in fields.items() if value is not None}
    if given:
        workspace.change_node(actor, node, given, version=node.version)
    return said


def _packs(
    kind: str, node: Any, name: str, parts: Path, formats: list[str], now: datetime, language: str
) -> list[str]:
    from steerco.commands.report import gather, write

    if not formats:
        return []
    pack = gather(kind, node, language, now)
    written = []
    for suffix in formats:
        path = parts / f"{name}.{suffix}"
        path.write_bytes(write(pack, suffix))
        written.append(path.name)
    return written


def _portfolio_name(gathered: Gathered) -> str:
    names = [project.name for project in gathered.projects]
    return f"Portfolio of {names[0]}"[:200] if len(names) == 1 else f"Portfolio of {len(names)} projects"


def _slug(node: Any) -> str:
    from django.utils.text import slugify

    return f"{node.key.lower()}-{slugify(node.name)[:40]}".strip("-")


# -- the folder --------------------------------------------------------------------------------------------------------


def refuse_foreign(out: Path) -> None:
    """Refuse a folder that holds anything an earlier run did not write. Raises Failed."""
    import json

    if not out.exists():
        if not out.absolute().parent.is_dir():
            raise Failed(f"There is no folder {out.absolute().parent}.", "Make it, or name another --out.", 4)
        return
    if not out.is_dir():
        raise Failed(f"{out} is a file.", "Name a folder with --out.", 4)
    there = {path.relative_to(out).as_posix() for path in out.rglob("*")}
    try:
        ours = {RESULT, *json.loads((out / RESULT).read_text(encoding="utf-8"))["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    if foreign := sorted(there - ours):
        raise Failed(
            f"{out} holds {foreign[0]}, which no run has written.", "Name an empty or a new folder.", 4
        )


def _publish(parts: Path, out: Path, result: dict[str, Any]) -> None:
    """Put the finished folder in its place in one step, beside which the old one is taken away."""
    import json

    result["files"] = sorted(path.name for path in parts.iterdir())
    (parts / RESULT).write_text(
        json.dumps(result, ensure_ascii=False, indent=2, default=str), encoding="utf-8"
    )
    out = out.absolute()
    aside = out.with_name(f".{out.name}.part-{os.getpid()}")
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    try:
        shutil.copytree(parts, aside)
        if out.exists():
            out.replace(old)
        try:
            aside.replace(out)
        except OSError:
            if old.exists():
                old.replace(out)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


# -- telling -----------------------------------------------------------------------------------------------------------


def _left(gathered: Gathered) -> dict[str, Any]:
    return {
        "refused": [{"file": r.file, "error": r.text, "remedy": r.remedy} for r in gathered.refused],
        "ignored": [{"file": r.file, "reason": r.text} for r in gathered.ignored],
        "remarks": list(gathered.remarks),
    }


def _left_text(gathered: Gathered) -> list[str]:
    lines = [f"refused  {_named(r.file, r.text)} {r.remedy}".rstrip() for r in gathered.refused]
    return lines + [f"ignored  {_named(r.file, r.text)}" for r in gathered.ignored]


def _named(file: str, sentence: str) -> str:
    """A sentence that says of which file it speaks, once."""
    return sentence if Path(file).name in sentence else f"{file}: {sentence}"


def _text(result: dict[str, Any]) -> list[str]:
    lines = []
    for project in result["projects"]:
        found = project["forecast"] or project["throughput_forecast"]
        finish = f"finish P50 {_day(found['p50'])}, P80 {_day(found['p80'])}" if found else "no forecast"
        health = project["health"]
        lines.append(f"{project['name']} ({project['key']}): {health['overall'].upper()}, {finish}")
        lines.append(f"  {health['sentence']}")
        tasks = [item for item in project["items"] if item["is_critical"]]
        counts = project["import"]["counts"]
        lines.append(
            f"  {len(project['items'])} items ({len(tasks)} critical), {project['links']} links, {len(project['findings'])} "
            f"findings; import: {counts['refused']} refused, {counts['warnings']} warnings, {counts['lost']} lost"
        )
        compared = project["agreement"]
        if compared["compared"]:
            lines.append(
                f"  dates agree with the source's own for {compared['agreeing']} of {compared['compared']} items"
            )
    lines += [f"refused  {_named(r['file'], r['error'])} {r['remedy']}".rstrip() for r in result["refused"]]
    lines += [f"ignored  {_named(r['file'], r['reason'])}" for r in result["ignored"]]
    lines += [f"note  {remark}" for remark in result["remarks"]]
    if "out" in result:
        lines.append(f"Written to {result['out']}: {', '.join(result['files'])}")
    return lines


def _day(moment: str | None) -> str:
    return date.fromisoformat(moment[:10]).strftime("%-d %b %Y") if moment else "unknown"
