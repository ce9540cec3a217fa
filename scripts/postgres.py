"""A private PostgreSQL server that lives as long as one run of the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

START_SECONDS = 60.0
# Durability is for data that somebody wants to keep.
OPTIONS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "fatal",
    # The suite must not learn the time zone of the machine.
    "timezone": "UTC",
}


class ServerFailed(RuntimeError):
    """The server did not come up; the message holds what it said."""


@contextlib.contextmanager
def throwaway_server(binaries: Path) -> Iterator[str]:
    """Run a new cluster in a temporary folder and give its address, postgresql://...; remove it afterwards.

    `binaries` is the folder with initdb and postgres. The server refuses to run as root, so root hands it to the
    user `postgres` (or `nobody`). A password guards it from other users of the machine.
    """
    owner = _owner()
    home = Path(tempfile.mkdtemp(prefix="steerco-pg-"))
    cluster, password = home / "cluster", secrets.token_hex(16)
    password_file = home / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if owner:
        for path in (home, password_file):
            shutil.chown(path, owner["user"], owner["group"])
    server: subprocess.Popen[str] | None = None
    try:
        _run(
            [str(binaries / "initdb"), "-D", str(cluster), "-U", "steerco", "-E", "UTF8", "--locale=C.UTF-8",
             "-A", "scram-sha-256", f"--pwfile={password_file}", "--no-sync"],
            home, owner,
        )  # fmt: skip
        port = _free_port()
        settings = {**OPTIONS, "port": str(port), "unix_socket_directories": str(home)}
        command = [str(binaries / "postgres"), "-D", str(cluster)]
        command += [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = home / "server.log"
        with log.open("w") as lines:
            # A session of its own: Ctrl-C is for the tests, which then end the server in order.
            server = subprocess.Popen(
                command, cwd=home, stdin=subprocess.DEVNULL, stdout=lines, stderr=lines, text=True,
                start_new_session=True, **owner,
            )  # fmt: skip
        _wait(server, cluster, log)
        yield f"postgresql://steerco:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            # Waiting for clients would wait for a test that hangs: SIGQUIT, the data is thrown away anyhow.
            server.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(20)
            if server.poll() is None:
                server.kill()
        shutil.rmtree(home, ignore_errors=True)


def _owner() -> dict[str, Any]:
    """What to hand to Popen so that the server does not run as root; nothing for an ordinary user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServerFailed(
        "PostgreSQL does not run as root, and neither a user postgres nor nobody exists to run it."
    )


def _run(command: list[str], home: Path, owner: dict[str, Any]) -> None:
    done = subprocess.run(
        command, cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **owner
    )
    if done.returncode != 0:
        raise ServerFailed(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout).strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[str], cluster: Path, log: Path) -> None:
    """Return once the server takes connections, which it writes into the eighth line of its pid file."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise ServerFailed(f"postgres ended at once: {log.read_text().strip()}")
        with contextlib.suppress(FileNotFoundError, IndexError):
            if (cluster / "postmaster.pid").read_text().splitlines()[7].strip() == "ready":
                return
        time.sleep(0.05)
    raise ServerFailed(f"postgres was not ready after {START_SECONDS:.0f} s: {log.read_text().strip()}")
