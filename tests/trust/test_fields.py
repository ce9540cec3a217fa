"""A request changes the fields it may change and no others, and no role lifts itself."""

from __future__ import annotations

import pytest

from steerco.kit import access
from steerco.kit.register import get, registers
from steerco.kit.tree import Grant, Node, Role
from tests.trust.asks import version_of
from tests.trust.town import Town, head

# What a record keeps of itself, with a value somebody might try to smuggle in.
KEPT = {
    "id": 1, "pk": 1, "number": 99, "node": "BETA", "node_id": 1, "version": 3, "created_by": 1, "created_by_id": 1,
    "changed_by": 1, "created_at": "2020-01-01", "changed_at": "2020-01-01", "archived_at": "2020-01-01",
    "origin": {"a": 1}, "origin_system": "jira", "origin_key": "A-1", "custom": {"note": "x"}, "owner_id": 1,
    "shared__in": True, "exposure_days": 7, "is_critical": True, "total_float": 1, "early_start": "2020-01-01",
}  # fmt: skip


def test_the_api_refuses_every_field_a_record_keeps_for_itself(town: Town):
    client = town.client("owner")
    for register in registers():
        record = town.alpha.hidden[register.slug]
        stored = register.model.objects.filter(pk=record.pk).values().get()
        known = {f.name for f in register.model._meta.get_fields()} | set(register.all_fields)
        for name in sorted((known - set(register.editable)) | set(KEPT) - {"version"}):
            if name in register.editable or name == "version":
                continue
            body = {"title": "Smuggled", name: KEPT.get(name, "1"), "version": version_of(record)}
            answer = client.patch(
                f"/api/v1/{register.slug}/{record.pk}", body, content_type="application/json"
            )
            assert answer.status_code == 422 and name in answer.json()["errors"], (register.slug, name)
        assert register.model.objects.filter(pk=record.pk).values().get() == stored


def test_a_form_with_every_field_changes_the_form_s_fields_only(town: Town):
    register, record = get("risks"), town.alpha.hidden["risks"]
    before = register.model.objects.filter(pk=record.pk).values().get()
    smuggled = {n: str(v) for n, v in KEPT.items()} | {"title": "Edited", "version": version_of(record)}
    answer = town.client("contributor").post(f"/n/ALPHA/risks/{record.ref}/edit", smuggled)
    assert answer.status_code == 302
    after = register.model.objects.filter(pk=record.pk).values().get()
    differs = {n for n in after if after[n] != before[n]}
    assert differs == {"title", "version", "changed_at", "changed_by_id"}
    assert after["version"] == before["version"] + 1


def test_the_settings_of_a_project_change_what_they_show_only(town: Town):
    before = Node.objects.filter(pk=town.alpha.node.pk).values().get()
    data = {
        "name": "Renamed", "version": before["version"], "key": "STOLEN", "parent": "", "parent_id": "", "kind": "portfolio",
        "options": "{}", "archived_at": "2020-01-01", "position": "7", "id": town.beta.node.pk,
    }  # fmt: skip
    assert town.client("manager").post("/n/ALPHA/settings/", data).status_code == 302
    after = Node.objects.filter(pk=town.alpha.node.pk).values().get()
    assert {n for n in after if after[n] != before[n]} == {"name", "version"}


def test_an_account_changes_its_own_name_language_and_zone_only(town: Town):
    reader, before = (
        town.people["reader"],
        type(town.people["reader"]).objects.filter(email="reader@example.org"),
    )
    stored = before.values().get()
    data = {
        "name": "Renamed", "language": "de", "timezone": "Europe/Kyiv", "email": "owner@example.org", "is_active": "",
        "is_superuser": "1", "id": town.people["owner"].pk, "user": town.people["owner"].pk, "last_login": "",
    }  # fmt: skip
    client = town.client("reader")
    stored = before.values().get()
    assert client.post("/account/", data).status_code == 302
    after = type(reader).objects.filter(pk=reader.pk).values().get()
    assert {n for n in after if after[n] != stored[n]} == {"name", "language", "timezone"}


@pytest.mark.parametrize("name", ["guest", "reader", "contributor", "manager"])
def test_nobody_below_an_owner_touches_roles(town: Town, name):
    client, told = town.client(name), head()
    owner = town.people["owner"]
    for path, data in (
        ("grant", {"email": f"{name}@example.org", "role": "50"}),
        ("grant", {"email": "friend@example.org", "role": "10"}),
        ("revoke", {"user": owner.pk}),
        ("link", {"user": owner.pk}),
        ("link", {"user": town.people["guest"].pk}),
    ):
        assert client.post(f"/n/ALPHA/people/{path}", data).status_code in {403, 404}
    assert access.role_on(town.actor(name), town.alpha.node) == Role[name.upper()]
    assert head() == told


def test_an_owner_gives_no_role_above_their_own_and_no_unknown_one(town: Town):
    client = town.client("owner")
    for role in ("60", "999", "0", "-1", "²", "50.0", "", "owner"):
        data = {"email": "manager@example.org", "role": role}
        assert client.post("/n/ALPHA/people/grant", data).status_code == 400, role
    assert access.role_on(town.actor("manager"), town.alpha.node) == Role.MANAGER


def test_an_owner_of_a_project_has_no_say_above_or_beside_it(town: Town):
    client = town.client("owner")
    for key in ("ALL", town.beta.node.key):
        for path in ("grant", "revoke", "link"):
            data = {"email": "owner@example.org", "role": "50", "user": town.people["owner"].pk}
            assert client.post(f"/n/{key}/people/{path}", data).status_code == 404
    assert not Grant.objects.filter(user=town.people["owner"]).exclude(node=town.alpha.node).exists()


def test_the_last_owner_stays(town: Town):
    client, owner = town.client("owner"), town.people["owner"]
    assert client.post("/n/ALPHA/people/revoke", {"user": owner.pk}).status_code == 403
    lower = {"email": owner.email, "role": "10"}
    assert client.post("/n/ALPHA/people/grant", lower).status_code == 403
    assert access.role_on(town.actor("owner"), town.alpha.node) == Role.OWNER


def test_no_link_is_made_for_somebody_with_a_role_elsewhere(town: Town):
    """Whoever works for two customers is nobody's to sign in as."""
    from steerco.kit import workspace
    from tests.trust.town import SYSTEM

    workspace.grant(SYSTEM, town.beta.node, town.people["reader"], Role.READER)
    client = town.client("owner")
    assert client.post("/n/ALPHA/people/link", {"user": town.people["reader"].pk}).status_code == 403
    assert client.post("/n/ALPHA/people/link", {"user": town.people["guest"].pk}).status_code == 302


def test_a_new_role_ends_the_sign_in_links_made_before_it(town: Town):
    """A link one customer made for an account is no way into another that invites it later."""
    from steerco.kit import workspace
    from steerco.kit.people import OneTimeLink
    from tests.trust.town import SYSTEM

    guest = town.people["guest"]
    town.client("owner").post("/n/ALPHA/people/link", {"user": guest.pk})
    assert OneTimeLink.objects.filter(user=guest, used_at=None).exists()
    workspace.grant(SYSTEM, town.beta.node, guest, Role.READER)
    assert not OneTimeLink.objects.filter(user=guest, used_at=None).exists()
