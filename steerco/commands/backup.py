"""steerco backup: everything into one archive."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from steerco.commands.console import answer, as_json, django, progress


@click.command("backup")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write; default steerco-DATE.tar.gz here."
)
@as_json
def command(out: Path | None, as_json: bool) -> None:
    """Write database and files into one archive while Steerco may go on working.

    The archive is checked before it gets its name. It holds no signing key: keep secret.key or STEERCO_SECRET_KEY apart.
    """
    django()
    from steerco.kit import backup

    path = out or Path(f"steerco-{datetime.now():%Y%m%d-%H%M%S}.tar.gz")
    with progress("Backing up", quiet=as_json) as update:
        made = backup.make(path, progress=update)
    told = {"ok": True, "file": str(path), "size": path.stat().st_size, **made.to_json()}
    rows = sum(made.rows.values())
    answer(told, as_json, f"{path}: {rows} rows, {made.files} files, trail of {made.trail_seq} changes.")
