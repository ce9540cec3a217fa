"""steerco report: build a pack and write it in the formats asked for."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import click

from steerco.commands.console import Failed, answer, as_json, django, node_of, operator, progress

FORMATS = ("pptx", "pdf", "html", "xlsx")
KINDS = ("weekly", "steering")


def formats_of(text: str) -> list[str]:
    """The formats in a list with commas. Raises BadParameter naming the first unknown one."""
    found = [part.strip().lower() for part in text.split(",") if part.strip()]
    for part in found:
        if part not in FORMATS:
            raise click.BadParameter(f"{part!r} is no format; there are {', '.join(FORMATS)}.")
    return list(dict.fromkeys(found))


@click.command("report")
@click.argument("key")
@click.option("--kind", type=click.Choice(KINDS), default="weekly", show_default=True)
@click.option(
    "--format",
    "formats",
    default=",".join(FORMATS),
    show_default=True,
    callback=lambda _c, _p, v: formats_of(v),
)
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path(), help="Folder for the files."
)
@click.option("--language", default="en", show_default=True)
@as_json
def command(key: str, kind: str, formats: list[str], out: Path, language: str, as_json: bool) -> None:
    """Write the weekly status of a project, or the steering pack of a portfolio."""
    django()
    node = node_of(key)
    out.mkdir(parents=True, exist_ok=True)
    with progress("Writing", quiet=as_json) as update:
        pack = gather(kind, node, language)
        written = []
        for done, suffix in enumerate(formats, 1):
            path = out / f"{node.key.lower()}-{kind}.{suffix}"
            aside = path.with_name(f".{path.name}.part")
            aside.write_bytes(write(pack, suffix))
            aside.replace(path)
            written.append(str(path))
            update(done, len(formats))
    answer({"ok": True, "kind": kind, "node": node.key, "files": written}, as_json, "\n".join(written))


def gather(kind: str, node: Any, language: str = "en", now: Any = None) -> Any:
    """The pack of a node as the operator sees it. Raises Failed where that kind is not installed."""
    from django.utils import timezone

    if importlib.util.find_spec(f"steerco.report.{kind}") is None:
        raise Failed(f"Reports of the kind “{kind}” are not installed.", f"There are: {', '.join(KINDS)}.", 4)
    return importlib.import_module(f"steerco.report.{kind}").gather(
        operator(), node, now=now or timezone.now(), language=language
    )


def write(pack: Any, suffix: str) -> bytes:
    """The bytes of a pack in a format. Raises Failed where its writer is not installed."""
    if importlib.util.find_spec(f"steerco.report.to_{suffix}") is None:
        raise Failed(f"No writer for {suffix} is installed.", f"There are: {', '.join(FORMATS)}.", 4)
    written: bytes = importlib.import_module(f"steerco.report.to_{suffix}").write(pack)
    return written
