"""Writes the documents that follow from declarations, or with --check says which of them are stale."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def metrics() -> str:
    """docs/metrics.md, from the metrics and the health policy."""
    from steerco.status.metrics.document import page

    return page()


DOCUMENTS: dict[str, Callable[[], str]] = {"docs/metrics.md": metrics}


def main() -> int:
    """0 when every document is written or up to date, 1 when --check finds a stale one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name what is stale")
    only_check = parser.parse_args().check
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "steerco.site.settings")
    with tempfile.TemporaryDirectory() as home:
        os.environ["STEERCO_HOME"] = home  # settings make a key on first use; this run needs none that lasts
        import django

        django.setup()
        texts = {name: write() for name, write in DOCUMENTS.items()}
    stale = [
        name
        for name, text in texts.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text("utf-8") != text
    ]
    if only_check:
        for name in stale:
            print(f"{name} is stale: run ./steer exec python scripts/documents.py")
        return 1 if stale else 0
    for name in stale:
        (ROOT / name).write_text(texts[name], encoding="utf-8")
        print(f"{name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
