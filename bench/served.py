"""What benches of the running product share: a throw-away home with one project, a session, a real server on loopback."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from steerco.kit.people import User
    from steerco.kit.tree import Node

ROOT = Path(__file__).resolve().parent.parent


def project(key: str, name: str) -> tuple[Node, User, str]:
    """A migrated database with one project; somebody who may edit it, and the key of a session of theirs.

    STEERCO_HOME and DJANGO_SETTINGS_MODULE must be set.
    """
    import django

    django.setup()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.tree import Role

    call_command("migrate", verbosity=0)
    system = Actor.system("cli")
    root = workspace.create_node(system, None, "portfolio", "Bench", key="BENCH")
    node = workspace.create_node(system, root, "project", name, key=key)
    user = User.objects.create_user("planner@example.org", "Planner")
    workspace.grant(system, node, user, Role.CONTRIBUTOR)
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return node, user, str(session.session_key)


@contextmanager
def server(port: int, workers: int = 1) -> Iterator[None]:
    """The web server of the product, answering."""
    (Path(os.environ["STEERCO_HOME"]) / "static").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "uvicorn", "steerco.site.asgi:application", "--port", str(port),
               "--workers", str(workers), "--log-level", "warning"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait(20)


def wait_for(port: int, seconds: float = 60) -> None:
    """Until the server answers."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sign-in/", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server did not start")
