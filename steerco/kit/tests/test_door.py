"""What the door, the trail and the numbering promise when many people press at once, and when somebody tampers."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from steerco.kit import access, trail, workspace, write
from steerco.kit.access import Actor
from steerco.kit.people import User
from steerco.kit.refusals import Conflict, Invalid, Refused
from steerco.kit.register import get
from steerco.kit.testing import filled, made
from steerco.kit.trail import Change, Fault, Head, verify
from steerco.kit.tree import Grant, Node, Role

RISKS = get("risks")


def small_world() -> tuple[Node, Actor]:
    system = Actor.system("cli")
    root = workspace.create_node(system, None, "portfolio", "All", key="ALL")
    node = workspace.create_node(system, root, "project", "Alpha", key="ALPHA")
    user = User.objects.create_user("one@example.org", "One")
    workspace.grant(system, node, user, Role.CONTRIBUTOR)
    return node, Actor.person(user)


def at_once(count: int, act, workers: int = 20) -> list[object]:
    """Run `act(i)` in many threads that start together; the results, exceptions included."""
    start = threading.Barrier(workers)

    def run(lane: int) -> list[object]:
        start.wait()
        found: list[object] = []
        for i in range(lane, count, workers):
            try:
                found.append(act(i))
            except Exception as error:
                found.append(error)
        connection.close()
        return found

    with ThreadPoolExecutor(workers) as pool:
        return [result for lane in pool.map(run, range(workers)) for result in lane]


@pytest.mark.django_db(transaction=True)
def test_of_200_parallel_writes_on_one_version_exactly_one_wins():
    node, actor = small_world()
    record = made(RISKS, node, actor)
    results = at_once(
        200, lambda i: write.change(actor, RISKS, record.pk, {"title": f"Writer {i}"}, version=1)
    )
    conflicts = [r for r in results if isinstance(r, Conflict)]
    winners = [r for r in results if not isinstance(r, BaseException)]
    assert (len(winners), len(conflicts)) == (1, 199), {type(r) for r in results}
    stored = access.rows(RISKS, actor).get(pk=record.pk)
    assert (stored.version, stored.title) == (2, winners[0].title)


@pytest.mark.django_db(transaction=True)
def test_200_concurrent_creations_are_numbered_without_loss_or_gap():
    node, actor = small_world()
    results = at_once(200, lambda i: write.create(actor, RISKS, node, filled(RISKS)))
    failed = [r for r in results if isinstance(r, BaseException)]
    assert not failed, failed[:3]
    assert sorted(r.number for r in results) == list(range(1, 201))
    assert access.rows(RISKS, actor).count() == 200
    assert list(verify())[-1] == Change.objects.count()


@pytest.mark.django_db
class TestTrail:
    @pytest.fixture
    def told(self, world):
        actor = world.actor("contributor")
        record = made(RISKS, world.alpha, actor)
        for n in range(1, 6):
            write.change(actor, RISKS, record.pk, {"title": f"Title {n}"}, version=n)
        assert list(verify()) == [Change.objects.count()]
        return record

    def test_the_database_refuses_to_edit_or_delete_a_change(self, told):
        for act in (
            lambda: Change.objects.update(reason="nicer"),
            lambda: Change.objects.all()._raw_delete(using="default"),
        ):
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                act()

    @pytest.mark.parametrize("tampering", ["edit", "delete", "insert", "swap", "truncate", "rewrite"])
    def test_tampering_past_the_triggers_is_found_with_its_place(self, told, tampering):
        head = Head.objects.get().hash
        last = Change.objects.count()
        with unlocked():
            if tampering == "edit":
                Change.objects.filter(seq=last - 2).update(after={"title": "Forged"})
            elif tampering == "delete":
                Change.objects.filter(seq=last - 2)._raw_delete(using="default")
            elif tampering == "insert":
                forged = Change.objects.get(seq=last)
                forged.seq = last + 1
                forged.save(force_insert=True)
                Head.objects.update(seq=last + 1, hash=forged.hash)
            elif tampering == "swap":
                first, second = Change.objects.get(seq=last - 1), Change.objects.get(seq=last)
                for field in ("after", "before", "version"):
                    a, b = getattr(first, field), getattr(second, field)
                    setattr(first, field, b)
                    setattr(second, field, a)
                first.save()
                second.save()
            elif tampering == "truncate":
                Change.objects.filter(seq=last)._raw_delete(using="default")
            elif tampering == "rewrite":
                rewrite()
        found = [f for f in verify(head) if isinstance(f, Fault)]
        assert len(found) == 1
        assert found[0].text.endswith(".")

    def test_a_rewritten_chain_is_only_found_by_the_head_kept_outside(self, told):
        head = Head.objects.get().hash
        with unlocked():
            rewrite()
        assert not [f for f in verify() if isinstance(f, Fault)]
        assert [f for f in verify(head) if isinstance(f, Fault)]

    def test_a_change_outside_its_transaction_is_refused(self):
        entry = trail.Entry(None, "cli", None, "risks", 1, "R-1", "change", 1, {}, {})
        from django.utils.timezone import now

        if not connection.in_atomic_block:
            with pytest.raises(RuntimeError):
                trail.append([entry], now())


class unlocked:
    """The triggers off, as only the owner of the database can."""

    def __enter__(self):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE kit_change DISABLE TRIGGER USER")
                return
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'kit_change'"
            )
            self.triggers = cursor.fetchall()
            for name, _sql in self.triggers:
                cursor.execute(f"DROP TRIGGER {name}")

    def __exit__(self, *_exc):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("ALTER TABLE kit_change ENABLE TRIGGER USER")
                return
            for _name, sql in self.triggers:
                cursor.execute(sql)


def rewrite() -> None:
    """Forge the last title and chain everything anew, as somebody with the whole database could."""
    import hashlib

    changes = list(Change.objects.order_by("seq"))
    changes[-1].after = {"title": "Forged"}
    previous = trail.GENESIS
    for change in changes:
        change.prev_hash = previous
        change.hash = hashlib.sha256(f"{previous}{trail.commitment(change)}".encode()).hexdigest()
        change.save()
        previous = change.hash
    Head.objects.update(hash=previous)


@pytest.mark.django_db
class TestRoles:
    def test_a_role_above_holds_below_and_not_beside(self, world):
        program = workspace.create_node(Actor.system("cli"), world.root, "programme", "P", key="PROG")
        inside = workspace.create_node(Actor.system("cli"), program, "project", "In", key="IN")
        user = world.people["nobody"]
        workspace.grant(Actor.system("cli"), program, user, Role.READER)
        actor = Actor.person(user)
        assert access.role_on(actor, inside) == Role.READER
        assert access.role_on(actor, world.alpha) == 0
        assert {n.key for n in access.nodes(actor)} == {"PROG", "IN"}

    @pytest.mark.parametrize("name", ["guest", "reader", "contributor", "manager", "stranger", "nobody"])
    def test_nobody_but_an_owner_grants(self, world, name):
        with pytest.raises((Refused, Invalid)):
            workspace.grant(world.actor(name), world.alpha, world.people["nobody"], Role.READER)
        assert not Grant.objects.filter(user=world.people["nobody"]).exists()

    def test_the_last_owner_stays(self, world):
        with pytest.raises(Refused):
            workspace.revoke(world.actor("owner"), world.alpha, world.people["owner"])
        with pytest.raises(Refused):
            workspace.grant(world.actor("owner"), world.alpha, world.people["owner"], Role.READER)
        assert access.role_on(world.actor("owner"), world.alpha) == Role.OWNER

    def test_a_revoked_role_ends_at_once(self, world, client):
        client.force_login(world.people["reader"])
        assert client.get("/n/ALPHA/risks/").status_code == 200
        workspace.revoke(world.actor("owner"), world.alpha, world.people["reader"])
        assert client.get("/n/ALPHA/risks/").status_code == 404

    def test_a_disabled_account_is_out_at_once(self, world, client):
        client.force_login(world.people["reader"])
        User.objects.filter(pk=world.people["reader"].pk).update(is_active=False)
        assert client.get("/n/ALPHA/risks/").status_code in (302, 404)
