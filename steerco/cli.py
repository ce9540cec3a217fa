"""The command line: finds the command, runs it, and turns whatever goes wrong into one sentence and an exit code."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from steerco import __version__
from steerco.commands.console import CODES, Failed, explain

COMMANDS = {
    "init": "init",
    "serve": "serve",
    "work": "work",
    "import": "import_files",
    "run": "run",
    "recompute": "recompute",
    "report": "report",
    "backup": "backup",
    "restore": "restore",
    "audit": "audit",
    "describe": "describe",
    "doctor": "doctor",
    "completion": "completion",
}
EPILOG = "Exit codes: " + "; ".join(f"{code} {meaning}" for code, meaning in CODES.items()) + "."


class Lazy(click.Group):
    """A group that imports a command's module only when it is named or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"steerco.commands.{COMMANDS[cmd_name]}")
        found: click.Command = module.command
        return found


@click.group(cls=Lazy, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="steerco")
def root() -> None:
    """Steerco: plans, risks and decisions in; forecasts, computed status and board packs out.

    Data lives in STEERCO_HOME (default ~/.local/share/steerco), or in the PostgreSQL database that
    STEERCO_DATABASE_URL names. Every command that answers takes --json: one document on standard output, progress and
    messages on standard error.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(run(given))


def run(arguments: Sequence[str]) -> int:
    """The exit code of a command line."""
    try:
        code: Any = root.main(args=list(arguments), prog_name="steerco", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.Abort:
        click.echo("Interrupted.", err=True)
        return 130
    except KeyboardInterrupt:
        click.echo("Interrupted.", err=True)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except click.ClickException as wrong:
        wrong.show()
        return 2
    except Exception as error:
        if os.environ.get("STEERCO_DEBUG") == "1":
            raise
        return _tell(explain(error), arguments)


def _tell(failed: Failed, arguments: Sequence[str]) -> int:
    click.echo(f"steerco: {failed.text} {failed.remedy}".rstrip(), err=True)
    if "--json" in arguments:
        said = {"ok": False, "code": failed.code, "error": failed.text, "remedy": failed.remedy}
        click.echo(json.dumps(said, ensure_ascii=False))
    return failed.code


if __name__ == "__main__":
    main()
