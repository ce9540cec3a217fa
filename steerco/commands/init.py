"""steerco init: set up the database, the first portfolio and the first administrator."""

from __future__ import annotations

import os

import click

from steerco.commands.console import answer, as_json, django, progress, say

EMAIL, NAME = "admin@localhost.localdomain", "Administrator"


@click.command("init")
@click.option("--email", default=EMAIL, help="Address of the first administrator.")
@click.option("--name", default=NAME, help="Name of the first administrator.")
@click.option("--example", is_flag=True, help="Load the example portfolio.")
@click.option("--wipe-example", is_flag=True, help="Remove the example portfolio and everything in it.")
@as_json
def command(email: str, name: str, example: bool, wipe_example: bool, as_json: bool) -> None:
    """Set Steerco up. Run again at any time: what is there already stays as it is.

    Prints a sign-in link for the first administrator as long as nobody has signed in.
    """
    django()
    from steerco.site import first_run

    did = set_up(quiet=as_json, email=email, name=name, example=example, wipe_example=wipe_example)
    port = os.environ.get("STEERCO_PORT", "8000")
    address = os.environ.get("STEERCO_URL") or f"http://localhost:{port}"
    link = first_run.invitation(address)
    told = {"ok": True, "did": list(did), "address": address, "sign_in": link}
    text = f"Sign in as administrator, once, within 24 hours:\n  {link}" if link else ""
    answer(told, as_json, text)


def set_up(*, quiet: bool = False, email: str = EMAIL, name: str = NAME, **wanted: bool) -> list[str]:
    """What init does, with a progress bar and a sentence for each thing that had to be done."""
    from steerco.site import first_run

    with progress("Setting up", quiet=quiet) as update:
        did = first_run.init(email=email, name=name, progress=update, **wanted)
    say("\n".join(did) or "Everything is set up already.", quiet=quiet)
    return did
