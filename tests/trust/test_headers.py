"""What the browser is told with every answer, and the settings a public site runs with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.trust.asks import asks
from tests.trust.town import Town

ROOT = Path(__file__).resolve().parent.parent.parent


def directives(answer: Any) -> dict[str, list[str]]:
    """The page's Content-Security-Policy by directive."""
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";") if part.strip()]
    return {part[0]: part[1:] for part in parts}


def test_every_answer_carries_a_policy_without_holes(town: Town):
    for name in ("owner", "anonymous"):
        client = town.client(name)
        for ask in asks(town, town.alpha, ("shared",)):
            if ask.method != "GET":
                continue
            answer = ask.send(client)
            policy = directives(answer)
            said = " ".join(word for words in policy.values() for word in words)
            assert "unsafe" not in said and "*" not in said and "http" not in said, str(ask)
            assert policy["default-src"] == ["'none'"], str(ask)
            assert answer["X-Content-Type-Options"] == "nosniff", str(ask)
            if "sandbox" in policy:
                continue
            assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"], str(
                ask
            )
            assert policy["form-action"] == ["'self'"], str(ask)
            assert answer["X-Frame-Options"] == "DENY", str(ask)
            assert answer["Referrer-Policy"] == "same-origin", str(ask)


def test_nothing_a_signed_in_person_gets_is_kept_by_caches(town: Town):
    client = town.client("owner")
    for ask in asks(town, town.alpha, ("shared",)):
        if ask.route.entry not in {"sign-out", "sign-in-once"}:
            assert "no-store" in ask.send(client)["Cache-Control"], str(ask)
    assert "no-store" in client.get("/n/NOTHING/")["Cache-Control"]
    assert "no-store" in town.client("anonymous").get("/sign-in/")["Cache-Control"]


def test_the_session_s_cookie_is_out_of_reach_of_scripts_and_other_sites(town: Town):
    client = town.client("anonymous")
    owner = town.people["owner"]
    owner.set_password("correct horse battery")
    owner.save()
    answer = client.post("/sign-in/", {"email": owner.email, "password": "correct horse battery"})
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "localhost\t", ""]
)
def test_an_unknown_host_is_refused(town: Town, host, settings: Any):
    settings.ALLOWED_HOSTS = ["localhost"]
    if host:
        assert town.client("anonymous").get("/sign-in/", headers={"Host": host}).status_code == 400
    assert town.client("anonymous").get("/sign-in/", headers={"Host": "localhost"}).status_code == 200


def check(tmp_path: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter with settings from this environment alone."""
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("STEERCO_", "DJANGO_"))}
    given = {"STEERCO_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "steerco.site.settings", **environment}
    return subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        env={**kept, **given}, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip


DEPLOY = """
import django; django.setup()
from django.core.management import call_command
call_command("check", deploy=True, fail_level="WARNING")
"""


def test_the_deployment_check_of_django_is_clean(tmp_path):
    """On a public https address; what is silenced says why in the settings."""
    done = check(tmp_path, DEPLOY, STEERCO_URL="https://steerco.example.org")
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_a_public_address_decides_hosts_and_cookies(tmp_path):
    code = """
from django.conf import settings as s
print(s.ALLOWED_HOSTS, s.CSRF_TRUSTED_ORIGINS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.DEBUG)
"""
    done = check(tmp_path, code, STEERCO_URL="https://steerco.example.org")
    assert (
        done.stdout.strip() == "['steerco.example.org'] ['https://steerco.example.org'] True True True False"
    )
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
