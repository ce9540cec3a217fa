"""The first run: database, top portfolio, first administrator with a sign-in link, and the example when wanted.

Everything here may run again: what is there already stays as it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from steerco.kit import backup, workspace
from steerco.kit.access import Actor
from steerco.kit.people import OneTimeLink, User
from steerco.kit.refusals import Invalid
from steerco.kit.tree import Node, NodeKind, Role

Progress = Callable[[int, int], None]
VALID = timedelta(hours=24)


def init(
    *,
    email: str,
    name: str,
    example: bool = False,
    wipe_example: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> list[str]:
    """Set everything up; one sentence for each thing that had to be done, none on a second run."""
    from steerco.site import example as examples

    did = [*bring_up_to_date()]
    top = Node.objects.filter(parent=None, kind=NodeKind.PORTFOLIO).order_by("pk").first()
    if top is None:
        top = workspace.create_node(
            Actor.system("cli"), None, NodeKind.PORTFOLIO, "Portfolio", key="PORTFOLIO"
        )
        did.append("The top portfolio was made.")
    if not owners(top).exists():
        owner = first_administrator(top, email, name)
        did.append(f"{owner.email} is the first administrator.")
    if wipe_example:
        did += examples.wipe()
    elif example:
        did += examples.load(top, progress=progress)
    return did


def problem() -> str:
    """Why the product cannot run yet, in a sentence; empty when it can."""
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return "The database is not set up yet."
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return "The database is of an older release."
    if not Node.objects.exists():
        return "There is no portfolio yet."
    return ""


def bring_up_to_date() -> Iterable[str]:
    """Migrate the database where it is behind, after a backup when it holds data. Yields what was done.

    Raises BackupRefused where the database is of a newer release than this program.
    """
    executor = MigrationExecutor(connection)
    loader = executor.loader
    unknown = [
        key
        for key in loader.applied_migrations
        if key not in loader.graph.nodes and key[0] in loader.migrated_apps
    ]
    replaced = {old for migration in loader.replacements.values() for old in migration.replaces}
    if newer := sorted(set(unknown) - replaced):
        raise backup.BackupRefused(
            f"The database is of a newer release: this one does not know {'.'.join(newer[0])}.",
            "Upgrade Steerco, or set STEERCO_HOME to another folder.",
        )
    plan = executor.migration_plan(loader.graph.leaf_nodes())
    if not plan:
        return
    if loader.applied_migrations:
        folder = Path(settings.FILES_ROOT).parent / "backups"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept = folder / f"before-upgrade-{timezone.now():%Y%m%d-%H%M%S}.tar.gz"
        backup.make(kept)
        yield f"A backup was written to {kept}."
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    yield "The database was brought up to date."


def owners(top: Node) -> QuerySet[User]:
    """People who own the top portfolio and may sign in."""
    return User.objects.filter(grants__node=top, grants__role=Role.OWNER, is_active=True, email__isnull=False)


def first_administrator(top: Node, email: str, name: str) -> User:
    """The first owner of the top portfolio. Raises Invalid for an address that is none."""
    email = email.strip().lower()
    if "@" not in email.strip("@") or len(email) > 254 or any(c.isspace() for c in email):
        raise Invalid({"email": f"“{email}” is no e-mail address"})
    with transaction.atomic():
        owner = User.objects.filter(email=email).first() or User.objects.create_user(
            email, name.strip() or email
        )
        workspace.grant(Actor.system("cli"), top, owner, Role.OWNER)
    return owner


def invitation(address: str) -> str:
    """A sign-in link for the first administrator as long as nobody has ever signed in; empty afterwards.

    The token follows from the row and the signing key, so that init and serve print the same link and only one is valid.
    """
    top = Node.objects.filter(parent=None, kind=NodeKind.PORTFOLIO).order_by("pk").first()
    if top is None or User.objects.filter(last_login__isnull=False).exists():
        return ""
    owner = owners(top).order_by("pk").first()
    if owner is None:
        return ""
    now = timezone.now()
    for link in OneTimeLink.objects.filter(
        user=owner, used_at__isnull=True, expires_at__gt=now + timedelta(hours=1)
    ):
        token = _token(link)
        if hashlib.sha256(token.encode()).hexdigest() == link.token_hash:
            return f"{address.rstrip('/')}/sign-in/once/{token}/"
    link = OneTimeLink(user=owner, made_at=now, expires_at=now + VALID)
    token = _token(link)
    link.token_hash = hashlib.sha256(token.encode()).hexdigest()
    link.save()
    return f"{address.rstrip('/')}/sign-in/once/{token}/"


def _token(link: OneTimeLink) -> str:
    return salted_hmac(
        "steerco.invitation", f"{link.user_id} {link.made_at.isoformat()}", algorithm="sha256"
    ).hexdigest()


def recompute_all(nodes: Iterable[Node], progress: Progress = lambda _done, _total: None) -> None:
    """Calculate nodes now, projects before what stands above them."""
    from steerco.status.recompute import recompute

    ordered = bottom_up(list(nodes))
    for done, node in enumerate(ordered, 1):
        recompute(node.pk, now=timezone.now())
        progress(done, len(ordered))


def bottom_up(nodes: list[Node]) -> list[Node]:
    """Projects before the programmes and portfolios above them."""
    parent = {node.pk: node.parent_id for node in nodes}

    def depth(pk: int) -> int:
        count = 0
        while (above := parent.get(pk)) is not None:
            pk, count = above, count + 1
        return count

    return sorted(nodes, key=lambda node: (-depth(node.pk), node.position, node.key))
