"""steerco describe: what a register declares."""

from __future__ import annotations

from typing import Any

import click

from steerco.commands.console import Failed, answer, as_json, django


@click.command("describe")
@click.argument("register", required=False)
@as_json
def command(register: str | None, as_json: bool) -> None:
    """Show a register's fields, statuses, pages and API addresses; without a name, list the registers."""
    django()
    from steerco.kit import register as registers

    if register is None:
        told: list[dict[str, Any]] = [r.describe() for r in registers.registers()]
        answer(told, as_json, "\n".join(f"{t['register']:20} {t['prefix']:4} {t['help']}" for t in told))
        return
    try:
        found = registers.get(register).describe()
    except LookupError as error:
        raise Failed(str(error), "", 4) from None
    answer(found, as_json, _text(found))


def _text(told: dict[str, Any]) -> str:
    lines = [f"{told['nouns']} ({told['register']}, {told['prefix']}-1)", told["help"], "", "Fields"]
    for field in told["fields"]:
        marks = (
            [field["kind"]]
            + (["needed"] if field["required"] else [])
            + ([] if field["editable"] else ["computed"])
        )
        choices = f": {', '.join(field['choices'])}" if field["choices"] else ""
        lines.append(f"  {field['name']:28} {', '.join(marks)}{choices}")
    lines += ["", "Statuses"]
    lines += [
        f"  {status:16} -> {', '.join(after) or 'nothing'}" for status, after in told["statuses"].items()
    ]
    lines += ["", "Addresses", *(f"  {address}" for address in told["pages"] + told["api"])]
    return "\n".join(lines)
