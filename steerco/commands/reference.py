"""docs/cli.md out of the commands themselves: python -m steerco.commands.reference > docs/cli.md."""

from __future__ import annotations

import click

from steerco.cli import root
from steerco.commands.console import CODES

INTRODUCTION = """\
# Command line

<!-- Written by `python -m steerco.commands.reference`; edit the commands, not this page. -->

Data lives in `STEERCO_HOME` (default `~/.local/share/steerco`), or in the PostgreSQL database that
`STEERCO_DATABASE_URL` names. Answers go to standard output, progress and messages to standard error. With `--json` the
answer is one JSON document and nothing else; where a command fails, it is `{"ok": false, "code", "error", "remedy"}`.
Errors are one sentence and what to do; `STEERCO_DEBUG=1` shows where they come from.

## Exit codes

| Code | Meaning |
|---|---|
"""


def text() -> str:
    """The page as Markdown."""
    parts = [INTRODUCTION + "".join(f"| {code} | {meaning} |\n" for code, meaning in CODES.items())]
    context = click.Context(root, info_name="steerco")
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        assert command is not None
        parts.append(_section(command, click.Context(command, info_name=name, parent=context), 2))
        if isinstance(command, click.Group):
            above = click.Context(command, info_name=name, parent=context)
            parts += [
                _section(sub, click.Context(sub, info_name=sub.name, parent=above), 3)
                for sub in command.commands.values()
            ]
    return "\n".join(parts)


def _section(command: click.Command, context: click.Context, level: int) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    lines = [
        f"{'#' * level} {context.command_path}",
        "",
        f"`{context.command_path} {usage}`",
        "",
        _help(command),
        "",
    ]
    options = [
        p for p in command.get_params(context) if isinstance(p, click.Option) and "--help" not in p.opts
    ]
    if options:
        lines += ["| Option | |", "|---|---|"]
        for option in options:
            record = option.get_help_record(context)
            if record:
                lines.append(f"| `{record[0].replace('|', chr(92) + '|')}` | {' '.join(record[1].split())} |")
        lines.append("")
    return "\n".join(lines)


def _help(command: click.Command) -> str:
    paragraphs = (command.help or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


if __name__ == "__main__":
    click.echo(text(), nl=False)
