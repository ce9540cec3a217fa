"""Who gets what: role by address by object, against the codes in matrix.toml; and nothing changes without being asked to.

`stranger` and `nobody` ask about a project that is not theirs. `python -m pytest tests/trust/test_matrix.py` prints what
differs, in the form of the file; a difference is a decision, never a correction of the file alone.
"""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from tests.trust.asks import asks
from tests.trust.routes import HERE, INVENTORY, UNSAFE
from tests.trust.town import ROLES, contents, head, undone

MATRIX: dict[str, dict[str, list[int]]] = tomllib.loads((HERE / "matrix.toml").read_text())
FLOOR = {
    "guest": 3,
    "reader": 4,
    "contributor": 5,
    "manager": 6,
    "owner": 7,
}  # first column a role may be let in at


def _answers(town: Any) -> dict[str, dict[str, list[int]]]:
    found: dict[str, dict[str, list[int]]] = {}
    clients = {name: town.client(name) for name in ROLES}
    for ask in asks(town, town.alpha):
        codes = []
        for name in ROLES:
            with undone():
                codes.append(ask.send(clients[name]).status_code)
        if ask.route.entry == "sign-out":
            clients = {name: town.client(name) for name in ROLES}
        found.setdefault(f"{ask.method} {ask.route.entry}", {})[ask.object or "any"] = codes
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)  # seven hundred requests, on a machine that may be busy
def test_each_role_gets_what_the_matrix_says(town):
    found = _answers(town)
    differs = [
        f'["{name}"]\n{which} = {codes}  # was {MATRIX.get(name, {}).get(which)}'
        for name, rows in found.items()
        for which, codes in rows.items()
        if MATRIX.get(name, {}).get(which) != codes
    ]
    assert not differs, "\n" + "\n".join(differs)
    gone = {(n, w) for n, rows in MATRIX.items() for w in rows} - {
        (n, w) for n, r in found.items() for w in r
    }
    assert not gone, f"matrix.toml speaks of what is not asked: {sorted(gone)}"


def test_the_matrix_agrees_with_the_inventory():
    """The file cannot drift: below the role the inventory names nobody is let in, and outsiders see no difference."""
    for name, rows in MATRIX.items():
        _method, entry = name.split(" ")
        said = INVENTORY[entry]
        for which, codes in rows.items():
            assert len(codes) == len(ROLES), name
            assert not [c for c in codes if c >= 500], name
            if said["auth"] == "signed-in" and entry != "api:api-root":
                assert codes[0] in {302, 401}, f"{name} {which}: whoever is not signed in is sent to the door"
            if said["scope"] == "none":
                continue
            if entry.startswith("api:") or "key" in entry or said["scope"] in {"node", "record"}:
                assert codes[1:3] == [404, 404], f"{name} {which}: for outsiders it does not exist"
            least = FLOOR[said["role"]]
            for column in range(3, least):
                assert codes[column] in {403, 404}, f"{name} {which}: {ROLES[column]} is below {said['role']}"
            if which in {"hidden", "archived"}:
                assert codes[3] == 404, f"{name} {which}: a guest sees what is shared and no more"


def test_nothing_changes_without_the_token_of_the_form(town):
    """Every unsafe address refuses a session without its CSRF token, and does nothing."""
    before = head()
    client = town.client("owner", enforce_csrf_checks=True)
    for ask in asks(town, town.alpha, ("hidden",)):
        if ask.method in UNSAFE:
            assert ask.send(client).status_code == 403, str(ask)
    assert head() == before


def test_with_the_token_it_does(town):
    """The guard above can also let through: the same requests, with the token the page gave."""
    client = town.client("owner", enforce_csrf_checks=True)
    client.get("/account/")
    token = client.cookies["csrftoken"].value
    for ask in asks(town, town.alpha, ("hidden",)):
        if ask.route.entry in {"comment", "api:*-change", "gantt-preview"}:
            assert ask.send(client, X_CSRFToken=token).status_code in {200, 302}, str(ask)


def test_reading_changes_nothing(town):
    """After every safe address was read by everyone, each table holds what it held."""
    before = contents()
    for name in ("owner", "guest", "stranger"):
        client = town.client(name)
        before["kit.User"] = contents()["kit.User"]  # signing in notes the time
        for ask in asks(town, town.alpha):
            if ask.method == "GET":
                assert ask.send(client).status_code < 500, str(ask)
    assert contents() == before
