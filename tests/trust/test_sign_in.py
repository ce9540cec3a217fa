"""Signing in: nothing is told to who guesses, links work once, and an account that ended is out at the next request."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from steerco.kit.people import OneTimeLink, User
from tests.trust.town import PASSWORD, Town, everything, secret_link


@pytest.fixture
def reader(town: Town) -> User:
    """The reader, with a password."""
    user = User.objects.get(email="reader@example.org")
    user.set_password(PASSWORD)
    user.save()
    return user


def enter(client: Client, email: str, password: str = PASSWORD, **more: object) -> object:
    return client.post("/sign-in/", {"email": email, "password": password}, **more)


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example", "\\/\\/evil.example",
    "http:evil.example", "https:/evil.example", "javascript:alert(1)", "data:text/html,x", "//localhost@evil.example/",
    "https://testserver.evil.example/", "https://testserver@evil.example/", "/%0d%0aLocation:%20https://evil.example",
    "\t//evil.example", " //evil.example", "/\t/evil.example", "//evil.example\\@testserver", "ftp://testserver/x", "%2f%2fevil.example",
)  # fmt: skip


def test_signing_in_leads_nowhere_else(reader):
    for target in ELSEWHERE:
        answer = Client().post(
            "/sign-in/", {"email": reader.email, "password": PASSWORD}, query_params={"next": target}
        )
        where = answer["Location"]
        assert answer.status_code == 302
        assert re.match(r"^(/(?![/\\\t])|%2f)", where) and "\r" not in where and "\n" not in where, (
            target,
            where,
        )


def test_signing_in_leads_to_where_one_wanted_to_go(reader):
    answer = Client().post(
        "/sign-in/", {"email": reader.email, "password": PASSWORD}, query_params={"next": "/n/ALPHA/?q=1"}
    )
    assert answer["Location"] == "/n/ALPHA/?q=1"


def test_every_refusal_reads_the_same(reader, town: Town):
    """A wrong password, an unknown address, a disabled account, a name without a password: one answer."""
    User.objects.filter(email="manager@example.org").update(is_active=False)
    manager = User.objects.get(email="manager@example.org")
    manager.set_password(PASSWORD)
    manager.save()
    answers = set()
    for email in (
        reader.email,
        "nothere@example.org",
        manager.email,
        "guest@example.org",
        "",
        "not an address",
    ):
        password = PASSWORD if email == manager.email else "wrong"
        answer = enter(Client(), email, password)
        text = re.sub(r'(csrf\w*|name="csrf-token") ?[^>]*>', "", answer.content.decode())
        answers.add((answer.status_code, text.replace(f'value="{email}"', 'value=""')))
    assert len(answers) == 1
    assert answers.pop()[0] == 400


def test_guessing_is_slowed_per_account_and_source_and_locks_nobody_else_out(reader):
    guesser = {"REMOTE_ADDR": "192.0.2.1"}
    codes = [enter(Client(), reader.email, f"guess {n}", **guesser).status_code for n in range(12)]
    assert codes[:8] == [400] * 8 and set(codes[8:]) == {429}
    assert enter(Client(), reader.email, **guesser).status_code == 429  # not even with the right password
    assert enter(Client(), reader.email, REMOTE_ADDR="192.0.2.2").status_code == 302


def test_one_source_trying_many_accounts_is_slowed_too(reader):
    codes = [
        enter(Client(), f"somebody{n}@example.org", "x", REMOTE_ADDR="192.0.2.3").status_code
        for n in range(45)
    ]
    assert codes[-1] == 429


def test_a_claimed_source_is_not_believed(reader):
    codes = [
        enter(Client(), reader.email, "x", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
        for n in range(12)
    ]
    assert codes[-1] == 429


def test_a_one_time_link_works_once(town: Town, reader):
    token = secret_link(reader)
    url = f"/sign-in/once/{token}/"
    scanner = Client()
    assert scanner.get(url).status_code == 200 and "_auth_user_id" not in scanner.session
    first, second = Client(), Client()
    assert first.post(url).status_code == 302 and first.session["_auth_user_id"] == str(reader.pk)
    assert second.post(url).status_code == 400 and "_auth_user_id" not in second.session
    assert token not in str(OneTimeLink.objects.filter(user=reader).values().get())


def test_a_link_that_is_late_replaced_invented_or_of_a_disabled_account_is_spent(town: Town, reader):
    late, replaced = secret_link(town.people["guest"]), secret_link(reader)
    OneTimeLink.objects.filter(user=town.people["guest"]).update(
        expires_at=timezone.now() - timedelta(seconds=1)
    )
    secret_link(reader)
    disabled = secret_link(town.people["manager"])
    User.objects.filter(email="manager@example.org").update(is_active=False)
    answers = set()
    for token in (late, replaced, disabled, "invented", "x" * 500, "\u2028", "%00"):
        answer = Client().post(f"/sign-in/once/{token}/")
        answers.add((answer.status_code, re.sub(r"csrf[^>]*>", "", answer.content.decode())))
    assert len(answers) == 1 and answers.pop()[0] == 400


def test_a_link_is_shown_to_its_maker_once(town: Town):
    client = town.client("owner")
    client.post("/n/ALPHA/people/link", {"user": town.people["guest"].pk})
    found = re.search(r"/sign-in/once/([\w-]+)/", everything(client.get("/n/ALPHA/people/")))
    assert found and found[1] not in everything(client.get("/n/ALPHA/people/"))
    from steerco.kit.trail import Change

    assert found[1] not in str(list(Change.objects.values_list("after", "before", "reason")))


def test_a_disabled_account_is_out_at_the_next_request(town: Town, reader):
    client = Client()
    enter(client, reader.email)
    assert client.get("/n/ALPHA/risks/").status_code == 200
    User.objects.filter(pk=reader.pk).update(is_active=False)
    assert client.get("/n/ALPHA/risks/").status_code == 302
    assert client.get("/api/v1/risks").status_code == 401


def test_a_new_password_ends_every_other_session(reader):
    here, there = Client(), Client()
    enter(here, reader.email), enter(there, reader.email)
    data = {
        "name": "Reader",
        "language": "en",
        "timezone": "UTC",
        "current": PASSWORD,
        "password": "another long one",
    }
    assert here.post("/account/", data).status_code == 302
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_a_password_is_not_changed_without_the_old_one_nor_to_a_weak_one(reader):
    client = Client()
    enter(client, reader.email)
    data = {"name": "Reader", "language": "en", "timezone": "UTC"}
    for current, new in (
        ("", "another long one"),
        ("wrong", "another long one"),
        (PASSWORD, "short"),
        (PASSWORD, "password1234"),
    ):
        assert client.post("/account/", data | {"current": current, "password": new}).status_code == 400
    assert User.objects.get(pk=reader.pk).check_password(PASSWORD)


def test_signing_in_begins_a_new_session_and_signing_out_ends_it(reader):
    client = Client()
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sessionid"] = session.session_key
    enter(client, reader.email)
    key = client.session.session_key
    assert key != session.session_key
    client.post("/sign-out/")
    stolen = Client()
    stolen.cookies["sessionid"] = key
    assert stolen.get("/account/").status_code == 302


def test_nobody_signs_in_as_a_person_known_by_name_only(town: Town):
    """People an import mentioned have no address and no password: no spelling of nothing fits them."""
    for email in ("", "None", "null", town.alpha.named.name, str(town.alpha.named.pk)):
        for password in ("", "!", town.alpha.named.password):
            assert enter(Client(REMOTE_ADDR=f"192.0.2.{len(email) + 100}"), email, password).status_code in {
                400,
                429,
            }


def test_passwords_are_kept_by_argon2():
    """The tests' own hasher is a quick one, so the settings themselves are asked."""
    from steerco.site import settings

    assert settings.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]
