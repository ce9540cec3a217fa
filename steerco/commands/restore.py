"""steerco restore: put a backup back."""

from __future__ import annotations

from pathlib import Path

import click

from steerco.commands.console import answer, as_json, django, progress


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what is here; it is moved aside, not deleted.")
@as_json
def command(file: Path, force: bool, as_json: bool) -> None:
    """Put a backup back, after checking every byte of it. Stop server and workers first."""
    django()
    from steerco.kit import backup

    with progress("Restoring", quiet=as_json) as update:
        made = backup.restore(file, force=force, progress=update)
    rows = sum(made.rows.values())
    told = {"ok": True, "file": str(file), **made.to_json()}
    answer(
        told, as_json, f"Restored {rows} rows and {made.files} files of {made.made_at}; the trail is whole."
    )
