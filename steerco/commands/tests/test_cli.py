"""What the command line promises: quick help, documented exit codes, one JSON document, sentences instead of tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from steerco import cli
from steerco.commands.console import CODES, Failed, explain

ROOT = Path(__file__).resolve().parents[3]


def test_the_documented_commands_are_the_commands_there_are():
    from steerco.commands.reference import text

    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == text(), "run: python -m steerco.commands.reference > docs/cli.md"


def test_help_needs_neither_django_nor_numpy():
    code = (
        "import sys; from steerco import cli; ended = cli.run(['--help'])\n"
        "print(ended, sorted({'django', 'numpy', 'rich', 'openpyxl'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stderr.strip() == "0 []"
    for command in cli.COMMANDS:
        assert f"\n  {command} " in done.stdout, command
    for number in CODES:
        assert f"{number} " in done.stdout.split("Exit codes")[1]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--version"], 0),
        (["nonsense"], 2),
        (["import"], 2),
        (["recompute"], 2),
        (["report", "X", "--format", "docx"], 2),
        (["run", "nowhere-at-all", "--out", "x"], 3),
        (["run", "."], 2),
        (["completion", "bash"], 0),
        (["completion", "powershell"], 2),
    ],
)
def test_exit_codes_are_the_documented_ones(arguments, code, capsys):
    assert cli.run(arguments) == code
    assert code in CODES
    assert "Traceback" not in capsys.readouterr().err


def test_a_failure_with_json_is_one_document_on_standard_output(capsys):
    assert cli.run(["run", "nowhere-at-all", "--json"]) == 3
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told == {
        "ok": False,
        "code": 3,
        "error": "There is no file or folder nowhere-at-all.",
        "remedy": "Check the path.",
    }
    assert err.count("\n") == 1


def test_unknown_keys_and_registers_are_named_with_what_there_is(db, capsys):
    assert cli.run(["report", "NOWHERE", "--json"]) == 4
    assert "NOWHERE" in json.loads(capsys.readouterr().out)["error"]
    assert cli.run(["describe", "unicorns"]) == 4
    assert "work-items" in capsys.readouterr().err


def test_describe_tells_every_register_and_one_in_full(db, capsys):
    assert cli.run(["describe", "--json"]) == 0
    slugs = {told["register"] for told in json.loads(capsys.readouterr().out)}
    assert {"work-items", "risks", "decisions", "datasets", "service-levels"} <= slugs
    assert cli.run(["describe", "risks"]) == 0
    assert "probability" in capsys.readouterr().out


def test_the_trail_is_checked_and_its_head_printed(db, capsys):
    from steerco.kit import workspace
    from steerco.kit.access import Actor

    workspace.create_node(Actor.system("cli"), None, "portfolio", "Portfolio")
    assert cli.run(["audit", "head"]) == 0
    head = capsys.readouterr().out.strip()
    assert len(head) == 64 and cli.run(["audit", "verify", "--head", head, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "changes": 1, "anchored": True}
    assert cli.run(["audit", "verify", "--head", "f" * 64]) == 1


def test_an_unexpected_error_is_a_sentence_with_code_5():
    failed = explain(ZeroDivisionError("division by zero"))
    assert isinstance(failed, Failed) and failed.code == 5
    assert "division by zero" in failed.text and "STEERCO_DEBUG=1" in failed.remedy


def test_a_database_that_is_not_set_up_is_said_so():
    class OperationalError(Exception):
        pass

    failed = explain(OperationalError("no such table: kit_node"))
    assert (failed.code, failed.remedy) == (4, "Run: steerco init")


def test_importing_by_command_is_repeatable_and_counts_in_json(db, tmp_path, capsys):
    from steerco.kit import workspace
    from steerco.kit.access import Actor

    workspace.create_node(Actor.system("cli"), None, "portfolio", "Portfolio")
    path = tmp_path / "plan.xml"
    path.write_text(plan(("Build", 2), ("Test", 1)), encoding="utf-8")
    command = ["import", str(path), "--project", "DEMO", "--create", "Demo", "--json"]
    assert cli.run(command) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["files"][0]["registers"]["work-items"]["new"] == 2
    assert cli.run(command) == 0
    counts = json.loads(capsys.readouterr().out)["files"][0]["registers"]["work-items"]
    assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, 2)
    assert cli.run(["import", str(tmp_path / "gone.xml"), "--project", "DEMO"]) == 3


def plan(*tasks: tuple[str, int]) -> str:
    """An MSPDI plan: each task follows the one before and lasts so many days of eight hours."""
    rows = []
    for number, (name, days) in enumerate(tasks, 1):
        link = (
            f"<PredecessorLink><PredecessorUID>{number - 1}</PredecessorUID><Type>1</Type></PredecessorLink>"
            if number > 1
            else ""
        )
        rows.append(
            f"<Task><UID>{number}</UID><ID>{number}</ID><Name>{name}</Name><OutlineLevel>1</OutlineLevel>"
            f"<Duration>PT{days * 8}H0M0S</Duration><DurationFormat>7</DurationFormat>{link}</Task>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Project xmlns="http://schemas.microsoft.com/project"><Title>Demo</Title>'
        "<StartDate>2027-01-04T08:00:00</StartDate><MinutesPerDay>480</MinutesPerDay>"
        f"<Tasks>{''.join(rows)}</Tasks></Project>"
    )


def steerco(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STEERCO_HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("STEERCO_DATABASE_URL", None)
    command = [sys.executable, "-W", "ignore", "-m", "steerco.cli", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=280)


def test_a_folder_becomes_dates_forecast_health_and_packs_and_says_what_it_left_out(tmp_path):
    folder, out = tmp_path / "plans", tmp_path / "pack"
    folder.mkdir()
    (folder / "demo.xml").write_text(plan(("Build", 2), ("Test", 1)), encoding="utf-8")
    (folder / "risks.csv").write_text(
        "Risk,Probability,Impact days\nSupplier is late,40%,5\n", encoding="utf-8"
    )
    (folder / "README.md").write_text("# Notes", encoding="utf-8")
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7 nothing")
    done = steerco(
        "run", str(folder), "--out", str(out), "--format", "html", "--committed", "2027-01-08", "--json",
        home=tmp_path / "unused",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr  # one file was refused
    told = json.loads(done.stdout)
    assert told["schema"] == 1 and json.loads((out / "result.json").read_text())["schema"] == 1
    (project,) = told["projects"]
    # Monday 4 January 2027, two days, then one: Tuesday 17:00 and Wednesday 17:00, no float.
    assert [(i["title"], i["early_start"], i["early_finish"], i["total_float_minutes"], i["critical"]) for i in project["items"]] == [
        ("Build", "2027-01-04T08:00", "2027-01-05T17:00", 0, True),
        ("Test", "2027-01-06T08:00", "2027-01-06T17:00", 0, True),
    ]  # fmt: skip
    assert project["import"]["registers"]["risks"]["new"] == 1 and project["links"] == 1
    assert project["forecast"]["deterministic"] == "2027-01-06T17:00"
    assert project["forecast"]["committed"] == "2027-01-08"
    assert project["forecast"]["p50"] <= project["forecast"]["p95"] and project["forecast"]["draws"] > 0
    assert (
        project["health"]["overall"] in {"green", "amber", "red", "unknown"}
        and project["health"]["dimensions"]
    )
    assert [r["file"] for r in told["refused"]] == ["scan.pdf"] and told["refused"][0]["remedy"]
    assert [i["file"] for i in told["ignored"]] == ["README.md"]
    assert sorted(p.name for p in out.iterdir()) == sorted(["result.json", *told["files"]])
    assert not (tmp_path / "unused").exists()  # nothing is kept but the pack


def test_a_folder_with_foreign_files_is_not_written_to(tmp_path, capsys):
    out = tmp_path / "pack"
    out.mkdir()
    (out / "thesis.docx").write_text("years of work")
    assert cli.run(["run", str(tmp_path), "--out", str(out)]) == 4
    assert "thesis.docx" in capsys.readouterr().err
    assert (out / "thesis.docx").read_text() == "years of work"


def test_old_files_are_judged_as_of_their_own_last_news(db):
    from datetime import UTC, datetime

    from steerco.commands.run import _judged_from
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.register import get
    from steerco.kit.testing import made

    system, now = Actor.system("cli"), datetime(2027, 6, 1, 9, tzinfo=UTC)
    top = workspace.create_node(system, None, "portfolio", "Portfolio")
    start = datetime(2015, 3, 2, 8, tzinfo=UTC)
    node = workspace.create_node(system, top, "project", "Old", start=start)

    def item(**fields):
        made(get("work-items"), node, system, **fields)

    item(planned_start=start, planned_finish=datetime(2028, 1, 1, 17, tzinfo=UTC))
    assert _judged_from(node, now) == now, "a plan that still runs"
    item(actual_start=datetime(2027, 5, 20, 8, tzinfo=UTC), status="doing")
    assert _judged_from(node, now) == now, "news of this month"
    get("work-items").model.objects.all().delete()
    item(planned_start=start, planned_finish=datetime(2015, 9, 1, 17, tzinfo=UTC))
    assert _judged_from(node, now) == start.replace(hour=12), "over before today, no news: its start"
    item(actual_start=datetime(2015, 4, 7, 8, tzinfo=UTC), status="doing")
    assert _judged_from(node, now) == datetime(2015, 4, 7, 12, tzinfo=UTC)
    node.status_date = datetime(2015, 5, 4, tzinfo=UTC)
    node.save()
    assert _judged_from(node, now) == datetime(2015, 5, 4, 12, tzinfo=UTC)
