"""steerco serve: the web server and one worker beside it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from steerco.commands.console import Failed, django, say
from steerco.commands.init import set_up


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    envvar="STEERCO_PORT",
    help="Port to listen on.",
)
@click.option("--no-worker", is_flag=True, help="Do background jobs elsewhere: steerco work.")
@click.option(
    "--example", is_flag=True, help="Set up first, as steerco init --example does, what is not there yet."
)
def command(host: str, port: int, no_worker: bool, example: bool) -> None:
    """Start the web server and a worker.

    Ends cleanly on Ctrl-C or SIGTERM. Put a proxy with TLS in front for anyone but yourself, and set STEERCO_URL.
    """
    django()
    from django.conf import settings

    from steerco.site.first_run import invitation, problem

    if example:
        set_up(example=True)
    if wrong := problem():
        raise Failed(wrong, "Run: steerco init", 4)
    address = os.environ.get("STEERCO_URL") or f"http://{'localhost' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
    _refuse_busy(host, port)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    say(f"Steerco is at {address}")
    if link := invitation(address):
        say(
            f"Nobody has signed in yet. This link signs the administrator in, once, within 24 hours:\n  {link}"
        )
    worker = None if no_worker else Worker()
    try:
        _serve(host, port, worker.start if worker else lambda: None)
    finally:
        if worker:
            worker.stop()
        say("Stopped.")


def _serve(host: str, port: int, once_up: Callable[[], None]) -> None:
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[Any] | None = None) -> None:
            await super().startup(sockets)
            once_up()

    # uvicorn hands signals on to whoever had them before it: be ready for SIGTERM, or the worker stays behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    config = uvicorn.Config(
        "steerco.site.asgi:application",
        host=host,
        port=port,
        log_level=os.environ.get("STEERCO_LOG_LEVEL", "warning").lower(),
        access_log=False,
        server_header=False,
        date_header=True,
        forwarded_allow_ips=os.environ.get("STEERCO_PROXIES", "127.0.0.1"),
        timeout_graceful_shutdown=10,
        lifespan="off",
    )
    with contextlib.suppress(KeyboardInterrupt):
        Server(config).run()


def _refuse_busy(host: str, port: int) -> None:
    import uvicorn

    try:
        uvicorn.Config(
            "steerco.site.asgi:application", host=host, port=port, log_level="critical"
        ).bind_socket().close()
    except SystemExit:
        raise Failed(
            f"Port {port} on {host} is taken or not allowed.",
            f"Name another: steerco serve --port {port + 1}",
            4,
        ) from None


class Worker:
    """A worker in a process of its own, started again when it ends before it should."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)

    def start(self) -> None:
        """Start it."""
        self._thread.start()

    def stop(self) -> None:
        """Let it finish its job, for ten seconds at most; a job cut off goes back to the queue."""
        self._ending.set()
        process = self._process
        if process and process.poll() is None:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._thread.join(2)

    def _keep(self) -> None:
        environment = {**os.environ, "STEERCO_PARENT": str(os.getpid())}
        while not self._ending.is_set():
            self._process = subprocess.Popen(
                [sys.executable, "-m", "steerco.cli", "work"], env=environment, start_new_session=True
            )
            self._process.wait()
            if not self._ending.wait(1.0):
                say("The worker ended unexpectedly and is started again.")
