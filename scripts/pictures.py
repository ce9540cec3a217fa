"""Take the pictures of the README and the docs from a running example: python scripts/pictures.py ADDRESS SIGN-IN-LINK."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PAGES = {"overview": "/n/EDGE/", "plan": "/n/EDGE/gantt/"}
PATIENCE = 120_000


def main() -> int:
    """Write one PNG for each page; 2 when called wrongly."""
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    address, link = sys.argv[1].rstrip("/"), sys.argv[2]
    chromium = os.environ.get("STEERCO_CHROMIUM") or shutil.which("chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"], timeout=PATIENCE)
        page = browser.new_page(
            viewport={"width": 1440, "height": 900}, locale="en-GB", reduced_motion="reduce"
        )
        page.set_default_timeout(PATIENCE)
        page.goto(link)
        page.get_by_role("button").click()
        page.wait_for_url("**/account/")
        for name, path in PAGES.items():
            page.goto(address + path, wait_until="networkidle")
            page.screenshot(path=FOLDER / f"{name}.png")
            print(FOLDER / f"{name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
