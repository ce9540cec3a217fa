"""API tokens: shown once, kept as a hash, no wider than their scope, their owner and their time."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from steerco.kit import tokens
from steerco.kit.tokens import ApiToken
from steerco.kit.trail import Change
from tests.trust.asks import asks
from tests.trust.routes import UNSAFE
from tests.trust.town import Town, everything, head


def made(town: Town, name: str, scope: str, days: float = 30) -> tuple[str, dict[str, str]]:
    """(secret, headers) of a token of a person."""
    secret = tokens.make(town.people[name], "script", scope, timezone.now() + timedelta(days=days))
    return secret, {"Authorization": f"Bearer {secret}"}


def test_a_token_is_made_on_the_account_page_and_shown_once(town: Town):
    client = town.client("reader")
    answer = client.post("/account/tokens", {"name": "BI feed", "scope": "read", "days": "30"})
    secret = re.search(r"stc_[\w-]{40,}", everything(answer))[0]
    assert answer.status_code == 200 and answer["Cache-Control"].startswith("no-store")
    again = everything(client.get("/account/"))
    assert "BI feed" in again and secret not in again and "stc_" not in again
    kept = ApiToken.objects.get(user=town.people["reader"])
    assert secret not in str(ApiToken.objects.filter(pk=kept.pk).values().get())
    assert secret not in "".join(str(s.get_decoded()) for s in Session.objects.all())
    told = Change.objects.order_by("-seq").first()
    assert (told.action, told.actor, told.node) == ("token", town.people["reader"], None)
    assert secret not in str(told.after)
    assert (
        Client().get("/api/v1/nodes", headers={"Authorization": f"Bearer {secret}"}).json()[0]["key"]
        == "ALPHA"
    )


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"scope": "admin"}, {"scope": ""}, {"days": "0"}, {"days": "366"}, {"days": "-1"}, {"days": "²"},
     {"days": "9" * 5000}, {"days": ""}],
    ids=str,
)  # fmt: skip
def test_a_token_without_a_name_a_scope_or_an_end_is_not_made(town: Town, wrong):
    data = {"name": "script", "scope": "read", "days": "30", **wrong}
    assert town.client("reader").post("/account/tokens", data).status_code == 400
    assert not ApiToken.objects.filter(user=town.people["reader"]).exists()


def test_a_revoked_token_ends_at_once_and_only_its_owner_revokes_it(town: Town):
    _secret, headers = made(town, "reader", "read")
    token = ApiToken.objects.get(user=town.people["reader"])
    assert town.client("owner").post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    assert Client().get("/api/v1/nodes", headers=headers).status_code == 200
    client = town.client("reader")
    assert client.post(f"/account/tokens/{token.pk}/revoke").status_code == 302
    assert Client().get("/api/v1/nodes", headers=headers).status_code == 401
    assert client.post(f"/account/tokens/{token.pk}/revoke").status_code == 404


def test_a_token_past_its_end_is_refused(town: Town):
    _secret, headers = made(town, "owner", "write", days=-0.001)
    assert Client().get("/api/v1/nodes", headers=headers).status_code == 401


def test_the_token_of_a_disabled_person_is_refused(town: Town):
    _secret, headers = made(town, "owner", "write")
    type(town.people["owner"]).objects.filter(email="owner@example.org").update(is_active=False)
    assert Client().get("/api/v1/nodes", headers=headers).status_code == 401


def test_a_reading_token_changes_nothing(town: Town):
    _secret, headers = made(town, "owner", "read")
    before = head()
    for ask in asks(town, town.alpha, ("hidden",)):
        if ask.route.name.startswith("api:") and ask.method in UNSAFE:
            assert ask.send(Client(), **headers).status_code == 401, str(ask)
    assert head() == before


def test_a_writing_token_changes_what_its_owner_may_and_no_more(town: Town):
    record = town.alpha.hidden["risks"]
    body = {"title": "By token", "version": 2}
    for name, status in (("contributor", 200), ("reader", 403), ("guest", 404), ("stranger", 404)):
        _secret, headers = made(town, name, "write")
        url = f"/api/v1/risks/{record.pk}"
        answer = Client().patch(url, body, content_type="application/json", headers=headers)
        assert answer.status_code == status, name
    assert Change.objects.order_by("-seq").first().via == "api"


def test_a_token_opens_no_page_and_makes_no_token(town: Town):
    """A token is for the API: pages, and with them making and revoking tokens, want a session."""
    _secret, headers = made(town, "owner", "write")
    for ask in asks(town, town.alpha, ("shared",)):
        if not ask.route.name.startswith("api:") and not ask.route.entry.startswith("sign-"):
            answer = ask.send(Client(), **headers)
            assert answer.status_code == 302 and answer["Location"].startswith("/sign-in/"), str(ask)
    assert (
        ApiToken.objects.filter(user=town.people["owner"]).count() == 2
    )  # the town's own, and the one above


def test_a_token_is_taken_from_its_header_only(town: Town):
    secret, _headers = made(town, "owner", "write")
    for query in (
        {"token": secret},
        {"access_token": secret},
        {"api_key": secret},
        {"Authorization": secret},
    ):
        assert Client().get("/api/v1/nodes", query).status_code == 401
    for value in (
        secret,
        f"Basic {secret}",
        f"Token {secret}",
        "Bearer",
        "Bearer ",
        f"Bearer {secret}x",
        "Bearer stc_",
    ):
        assert Client().get("/api/v1/nodes", headers={"Authorization": value}).status_code == 401, value
    cookies = Client()
    cookies.cookies["token"] = secret
    assert cookies.get("/api/v1/nodes").status_code == 401


def test_what_a_token_gets_is_not_kept_by_caches(town: Town):
    _secret, headers = made(town, "owner", "read")
    answer = Client().get("/api/v1/risks", headers=headers)
    assert answer.status_code == 200
    assert answer["Cache-Control"].startswith("no-store")
