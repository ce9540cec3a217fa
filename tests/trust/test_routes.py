"""Nothing is reachable that is not written down: every address is in the inventory, and answers as the inventory says."""

from __future__ import annotations

import re

from tests.trust.asks import one
from tests.trust.routes import INVENTORY, KEYS, UNSAFE, routes

ROLES = {"", "guest", "reader", "contributor", "manager", "owner"}


def test_every_address_is_in_the_inventory():
    missing = sorted({route.entry for route in routes()} - set(INVENTORY))
    assert not missing, (
        f"{missing} are new: add each to tests/trust/routes.toml with methods, auth, role, scope, csrf, parser and "
        "outbound, its request to tests/trust/asks.py and what each role gets to tests/trust/matrix.toml."
    )


def test_the_inventory_names_nothing_that_is_gone():
    gone = sorted(set(INVENTORY) - {route.entry for route in routes()})
    assert not gone, f"{gone} are no longer addresses: take them out of tests/trust/routes.toml."


def test_every_entry_says_all_there_is_to_say():
    for name, entry in INVENTORY.items():
        assert set(entry) - {"reason"} == KEYS, f"{name} must say exactly {sorted(KEYS)}"
        assert entry["auth"] in {"public", "signed-in"}, name
        assert entry["role"] in ROLES and entry["scope"] in {"none", "node", "record"}, name
        assert (entry["auth"] == "public") == bool(entry.get("reason")), (
            f"{name}: a public address has a reason"
        )
        assert entry["csrf"] == any(m in UNSAFE for m in entry["methods"]), (
            f"{name}: what changes needs the token"
        )
        assert not entry["outbound"], f"{name}: nothing opens connections while a page is answered"


def test_the_scope_of_an_address_follows_from_its_slots():
    of_a_record = {
        "ref",
        "record_id",
        "file_id",
        "link_id",
        "reading_id",
        "run_id",
        "job_id",
        "pack_id",
        "batch",
    }
    for route in routes():
        slots = set(route.slots)
        scope = "record" if slots & of_a_record else "node" if "key" in slots else "none"
        assert INVENTORY[route.entry]["scope"] == scope, route.entry


def test_every_register_has_every_operation_of_the_api():
    from steerco.kit.register import registers

    operations = {e for e in INVENTORY if e.startswith("api:*-")}
    for register in registers():
        here = {r.entry for r in routes() if r.name.startswith(f"api:api-{register.slug}-")}
        assert here == operations, register.slug


def test_an_address_answers_the_methods_it_says_and_no_others(town):
    client = town.client("owner")
    for route in routes():
        said = INVENTORY[route.entry]["methods"]
        if route.name.startswith("api:"):
            if route.methods:
                assert sorted(route.methods) == sorted(said), route.name
            continue
        answer = client.options(
            one(town, town.alpha, route, "GET", "shared" if "ref" in route.slots else "").url
        )
        allowed = re.findall(r"\w+", answer.headers.get("Allow", ""))
        assert sorted(allowed) == sorted(said), f"{route.entry} allows {allowed}, the inventory says {said}"


def test_whoever_is_not_signed_in_gets_only_what_is_public(town):
    client = town.client("anonymous")
    for route in routes():
        entry = INVENTORY[route.entry]
        which = "shared" if {"ref", "record_id"} & set(route.slots) else ""
        for method in entry["methods"] or ["GET"]:
            answer = one(town, town.alpha, route, method, which).send(client)
            if entry["auth"] == "public":
                assert answer.status_code < 500 and "/sign-in/?next" not in answer.headers.get("Location", "")
            elif route.name.startswith("api:") and route.methods:
                assert answer.status_code == 401, (route.name, method, answer.status_code)
            elif route.entry != "api:api-root":
                assert answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in/"), (
                    route.entry
                )
