"""What every register promises; a new register passes without a line of its own."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from django.urls import reverse

from steerco.kit import access, query, write
from steerco.kit.attached import Comment, RecordLink
from steerco.kit.queue import Job, Stale
from steerco.kit.refusals import Conflict, Invalid, Missing, Refused, VersionNeeded
from steerco.kit.register import registers
from steerco.kit.testing import filled, made, sample
from steerco.kit.trail import Change

pytestmark = pytest.mark.django_db
every_register = pytest.mark.parametrize("register", registers(), ids=lambda r: r.slug)


@every_register
class TestDoor:
    def test_a_record_is_numbered_from_one_in_its_project(self, register, world):
        first, second = (made(register, world.alpha, world.actor("contributor")) for _ in range(2))
        other = made(register, world.beta, world.actor("stranger"))
        assert [first.ref, second.ref, other.ref] == [
            f"{register.prefix}-1",
            f"{register.prefix}-2",
            f"{register.prefix}-1",
        ]

    def test_a_new_record_begins_at_the_first_status_and_version_one(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"))
        assert (record.status, record.version) == (register.flow.initial, 1)

    def test_what_is_left_empty_gets_the_default_of_its_field(self, register, world):
        empty = {n: "" for n, spec in register.editable.items() if not spec.required}
        record = made(register, world.alpha, world.actor("contributor"), **empty)
        plain = made(register, world.alpha, world.actor("contributor"))
        assert all(getattr(record, n) == getattr(plain, n) for n in empty)

    def test_readers_and_guests_cannot_write(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"), shared="1")
        for name in ("guest", "reader"):
            with pytest.raises(Refused):
                write.create(world.actor(name), register, world.alpha, filled(register))
            with pytest.raises(Refused):
                write.change(world.actor(name), register, record.pk, {"title": "Taken"}, version=1)

    def test_strangers_and_nobody_find_nothing_to_write_on(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"), shared="1")
        for name in ("stranger", "nobody"):
            with pytest.raises(Missing):
                write.change(world.actor(name), register, record.pk, {"title": "Taken"}, version=1)
            with pytest.raises(Refused):
                write.create(world.actor(name), register, world.alpha, filled(register))

    def test_a_disabled_person_is_nobody(self, register, world):
        world.people["contributor"].is_active = False
        with pytest.raises(Refused):
            write.create(world.actor("contributor"), register, world.alpha, filled(register))

    def test_an_edit_without_its_version_is_refused(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"))
        with pytest.raises(VersionNeeded):
            write.change(world.actor("contributor"), register, record.pk, {"title": "New"}, version=None)

    def test_a_stale_edit_is_refused_with_yours_theirs_and_base(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"), title="Base")
        write.change(world.actor("owner"), register, record.pk, {"title": "Theirs"}, version=1)
        with pytest.raises(Conflict) as caught:
            write.change(world.actor("contributor"), register, record.pk, {"title": "Yours"}, version=1)
        clash = next(c for c in caught.value.clashes if c.field.name == "title")
        assert (clash.base, clash.theirs, clash.yours) == ("Base", "Theirs", "Yours")
        assert caught.value.changed_by == "Owner"
        assert not caught.value.mergeable

    def test_edits_of_different_fields_can_be_merged(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"))
        write.change(world.actor("owner"), register, record.pk, {"title": "Theirs"}, version=1)
        with pytest.raises(Conflict) as caught:
            write.change(world.actor("contributor"), register, record.pk, {"tags": "mine"}, version=1)
        assert caught.value.mergeable

    def test_a_change_raises_the_version_and_is_told_with_before_and_after(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"), title="Before")
        changed = write.change(
            world.actor("owner"), register, record.pk, {"title": "After"}, version=1, reason="why"
        )
        told = Change.objects.get(register=register.slug, record_id=record.pk, action="change")
        assert changed.version == told.version == 2
        assert (told.before, told.after, told.reason) == ({"title": "Before"}, {"title": "After"}, "why")
        assert told.actor == world.people["owner"]

    def test_saving_what_is_there_already_changes_nothing(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"), title="Same")
        same = write.change(world.actor("owner"), register, record.pk, {"title": "Same"}, version=1)
        assert same.version == 1
        assert not Change.objects.filter(
            record_id=record.pk, register=register.slug, action="change"
        ).exists()

    def test_computed_and_system_fields_cannot_be_set(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"))
        locked = [n for n, s in register.all_fields.items() if not s.editable]
        assert {"number", "created_at", "created_by"} <= set(locked)
        for name in [*locked, "id", "version", "node", "origin_key", "created_by_id", "nonsense"]:
            with pytest.raises(Invalid):
                write.change(world.actor("owner"), register, record.pk, {name: "1"}, version=1)

    def test_every_editable_field_takes_what_a_person_types_and_shows_it(self, register, world):
        for name, spec in register.editable.items():
            if spec.kind in {"reference", "person"} or name == "status":
                continue
            value = spec.clean(sample(spec))
            assert spec.show(value) != "" or spec.kind == "boolean", name
            again = spec.clean(spec.raw(value))
            assert again == value, f"{name}: {spec.raw(value)!r} reads back as {again!r}, not {value!r}"

    def test_nonsense_is_refused_with_a_sentence(self, register, world):
        for name, spec in register.editable.items():
            if spec.kind in {
                "number",
                "integer",
                "money",
                "percent",
                "date",
                "datetime",
                "minutes",
                "choice",
            }:
                with pytest.raises(ValueError, match=r"\w+ \w+"):
                    spec.clean("certainly not")

    def test_a_forbidden_move_is_refused(self, register, world):
        flow = register.flow
        record = made(register, world.alpha, world.actor("contributor"))
        for status in flow.moves:
            if not flow.may(record.status, status):
                with pytest.raises(Invalid) as caught:
                    write.change(world.actor("owner"), register, record.pk, {"status": status}, version=1)
                assert "status" in caught.value.errors

    def test_a_status_is_not_entered_before_what_it_needs_is_filled(self, register, world):
        for status, names in (register.flow.needs or {}).items():
            if not register.flow.may(register.flow.initial, status) or status == register.flow.initial:
                continue
            record = made(register, world.alpha, world.actor("contributor"))
            empty = [n for n in names if register.all_fields[n].is_empty(register.all_fields[n].of(record))]
            if not empty:
                continue
            with pytest.raises(Invalid) as caught:
                write.change(world.actor("owner"), register, record.pk, {"status": status}, version=1)
            assert set(empty) <= set(caught.value.errors)

    def test_a_person_of_another_project_cannot_be_named(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"))
        with pytest.raises(Invalid) as caught:
            write.change(
                world.actor("contributor"),
                register,
                record.pk,
                {"owner": world.people["stranger"].pk},
                version=1,
            )
        assert "Stranger" not in str(caught.value)

    def test_archiving_hides_and_restoring_brings_back(self, register, world):
        actor = world.actor("contributor")
        record = made(register, world.alpha, actor)
        with write.door(actor) as door:
            door.archive(register, record.pk, version=1)
        assert not access.rows(register, actor, world.alpha).exists()
        with write.door(actor) as door:
            door.restore(register, record.pk, version=2)
        assert access.rows(register, actor, world.alpha).get().version == 3

    def test_a_failure_inside_a_door_undoes_all_of_it(self, register, world):
        actor = world.actor("contributor")
        with pytest.raises(Invalid), write.door(actor) as door:
            door.create(register, world.alpha, filled(register))
            door.create(register, world.alpha, {"title": ""})
        assert not access.rows(register, actor, world.alpha).exists()
        assert not Change.objects.filter(register=register.slug).exists()

    def test_what_wakes_the_calculations_does_and_what_does_not_does_not(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"))
        Stale.objects.all().delete()
        Job.objects.all().delete()
        write.change(world.actor("contributor"), register, record.pk, {"title": "Only words"}, version=1)
        assert Stale.objects.exists() == ("title" in register.wakes)


@every_register
class TestGate:
    def test_each_role_sees_what_it_may(self, register, world):
        hidden = made(register, world.alpha, world.actor("contributor"))
        shared = made(register, world.alpha, world.actor("contributor"), shared="1")
        seen = {
            name: set(access.rows(register, world.actor(name)).values_list("pk", flat=True))
            for name in world.people
        }
        both = {hidden.pk, shared.pk}
        assert seen == {
            "guest": {shared.pk}, "reader": both, "contributor": both, "manager": both, "owner": both,
            "stranger": set(), "nobody": set(),
        }  # fmt: skip

    def test_the_gate_is_the_same_by_node_and_over_all(self, register, world):
        made(register, world.alpha, world.actor("contributor"), shared="1")
        made(register, world.alpha, world.actor("contributor"))
        for name in world.people:
            actor = world.actor(name)
            assert (
                access.rows(register, actor).count()
                == access.rows(register, actor, world.alpha).count()
                + access.rows(register, actor, world.beta).count()
            )
            assert access.rows(register, actor, world.root).count() == access.rows(register, actor).count()

    def test_comments_and_links_need_their_rights(self, register, world):
        record = made(register, world.alpha, world.actor("contributor"), shared="1")
        foreign = made(register, world.beta, world.actor("stranger"))
        with write.door(world.actor("reader")) as door:
            door.comment(register, record.pk, "Seen.")
        with pytest.raises(Refused), write.door(world.actor("guest")) as door:
            door.comment(register, record.pk, "Guests do not.")
        with pytest.raises(Missing), write.door(world.actor("contributor")) as door:
            door.link(register, record.pk, "relates", register, foreign.pk)
        assert (Comment.objects.count(), RecordLink.objects.count()) == (1, 0)


@every_register
class TestPages:
    def test_the_list_shows_the_record_and_its_form_saves_one(self, register, world, client):
        client.force_login(world.people["contributor"])
        url = reverse("record-new", args=["ALPHA", register.slug])
        assert client.get(url).status_code == 200
        answer = client.post(url, {**filled(register), "title": "Made on a page"})
        assert answer.status_code == 302, answer.content.decode()[:2000]
        listed = client.get(reverse("register", args=["ALPHA", register.slug]))
        assert "Made on a page" in listed.content.decode()

    def test_a_bad_form_comes_back_with_what_was_typed(self, register, world, client):
        client.force_login(world.people["contributor"])
        url = reverse("record-new", args=["ALPHA", register.slug])
        answer = client.post(url, {"title": "", "tags": "kept text"})
        assert answer.status_code == 400
        assert "kept text" in answer.content.decode()

    def test_the_record_page_and_the_inspector_answer(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"), title="<b>Bold & brave</b>")
        client.force_login(world.people["reader"])
        for name in ("record", "peek", "row"):
            page = client.get(reverse(name, args=["ALPHA", register.slug, record.ref]))
            assert page.status_code == 200
            assert "&lt;b&gt;Bold &amp; brave" in page.content.decode()
            assert "<b>Bold" not in page.content.decode()

    def test_readers_are_told_who_may_edit(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"))
        client.force_login(world.people["reader"])
        for name, more in [
            ("record-edit", [record.ref]),
            ("record-new", []),
            ("cell", [record.ref, "title"]),
        ]:
            answer = client.get(reverse(name, args=["ALPHA", register.slug, *more]))
            assert answer.status_code == 403
            assert "Contributor" in answer.content.decode()

    def test_wrong_methods_are_refused(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"))
        client.force_login(world.people["owner"])
        for name in ("archive", "restore", "comment", "link", "attach", "resolve"):
            assert client.get(reverse(name, args=["ALPHA", register.slug, record.ref])).status_code == 405
        for name in ("register", "export-csv", "export-xlsx"):
            assert client.post(reverse(name, args=["ALPHA", register.slug])).status_code == 405

    def test_an_inline_edit_returns_the_whole_row(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"))
        client.force_login(world.people["contributor"])
        url = reverse("cell", args=["ALPHA", register.slug, record.ref, "title"])
        assert 'name="version" value="1"' in client.get(url).content.decode()
        answer = client.post(
            url, {"title": "Changed in place", "version": "1"}, headers={"HX-Request": "true"}
        )
        body = answer.content.decode()
        assert answer.status_code == 200
        assert body.strip().startswith("<tr") and "Changed in place" in body
        for column in register.columns:
            assert f'data-field="{column}"' in body

    def test_a_stale_inline_edit_shows_the_conflict_and_its_choice_saves(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"), title="Base")
        write.change(world.actor("owner"), register, record.pk, {"title": "Theirs"}, version=1)
        client.force_login(world.people["contributor"])
        url = reverse("cell", args=["ALPHA", register.slug, record.ref, "title"])
        answer = client.post(url, {"title": "Yours", "version": "1"}, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        for word in ("Base", "Theirs", "Yours"):
            assert word in answer.content.decode()
        chosen = {"version": "2", "pick.title": "yours", "yours.title": "Yours"}
        client.post(reverse("resolve", args=["ALPHA", register.slug, record.ref]), chosen)
        assert access.rows(register, world.actor("owner")).get(pk=record.pk).title == "Yours"

    def test_an_edit_can_be_undone_from_its_own_undo(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"), title="Before")
        client.force_login(world.people["contributor"])
        client.post(
            reverse("cell", args=["ALPHA", register.slug, record.ref, "title"]),
            {"title": "After", "version": "1"},
        )
        batch = (
            Change.objects.filter(action="change", record_id=record.pk, register=register.slug).get().batch
        )
        assert client.post(reverse("undo", args=["ALPHA", register.slug, batch])).status_code == 302
        assert access.rows(register, world.actor("owner")).get(pk=record.pk).title == "Before"

    def test_bulk_edit_previews_then_changes_all_or_nothing(self, register, world, client):
        records = [made(register, world.alpha, world.actor("contributor")) for _ in range(3)]
        client.force_login(world.people["contributor"])
        url = reverse("bulk", args=["ALPHA", register.slug])
        asked = {"field": "tags", "value": "grouped", "ref": [r.ref for r in records]}
        assert "grouped" in client.post(url, asked).content.decode()
        assert not access.rows(register, world.actor("owner")).filter(tags=["grouped"]).exists()
        write.change(world.actor("owner"), register, records[1].pk, {"title": "Meanwhile"}, version=1)
        stale = client.post(
            url, {**asked, "sure": "1", "version": ["1", "1", "1"]}, headers={"HX-Request": "true"}
        )
        assert stale.status_code == 409
        assert not access.rows(register, world.actor("owner")).filter(tags=["grouped"]).exists()
        client.post(url, {**asked, "sure": "1", "version": ["1", "2", "1"]}, headers={"HX-Request": "true"})
        assert all(r.tags == ["grouped"] for r in access.rows(register, world.actor("owner"), world.alpha))

    def test_exports_hold_exactly_what_is_shown_with_formulas_disarmed(self, register, world, client):
        made(register, world.alpha, world.actor("contributor"), title="=1+1 attack")
        made(register, world.alpha, world.actor("contributor"), title="Other")
        client.force_login(world.people["reader"])
        query_string = {"q": "attack", "columns": "title,status"}
        body = b"".join(
            client.get(reverse("export-csv", args=["ALPHA", register.slug]), query_string).streaming_content
        ).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(body)))
        assert len(rows) == 2 and len(rows[0]) == 3
        assert rows[1][1] == "'=1+1 attack"
        book = openpyxl.load_workbook(
            io.BytesIO(
                client.get(reverse("export-xlsx", args=["ALPHA", register.slug]), query_string).content
            )
        )
        cell = book.active["B2"]
        assert (cell.value, cell.data_type) == ("=1+1 attack", "s")

    def test_a_list_costs_the_same_queries_for_one_row_and_for_forty(
        self, register, world, client, django_assert_max_num_queries
    ):
        client.force_login(world.people["reader"])
        url = reverse("register", args=["ALPHA", register.slug])
        counts = []
        for more in (1, 39):
            for _ in range(more):
                made(register, world.alpha, world.actor("contributor"), owner=world.people["owner"])
            with django_assert_max_num_queries(14) as seen:
                client.get(url)
            counts.append(len(seen))
        assert counts[0] == counts[1]

    def test_pages_follow_one_another_without_gap_or_repeat(self, register, world, client):
        for _ in range(7):
            made(register, world.alpha, world.actor("contributor"))
        from steerco.kit.pages.rows import page_of

        for sort in ("number", "-number", "title", register.sort, *[f"-{c}" for c in register.columns]):
            found, used = query.order(
                access.rows(register, world.actor("reader"), world.alpha), sort, register
            )
            seen, token = [], ""
            for _page in range(5):
                part = page_of(found, used, register, token, size=2)
                rows, token = part.rows, part.following
                seen += [r.pk for r in rows]
                if not token:
                    break
            assert seen == list(found.values_list("pk", flat=True)), sort


@every_register
class TestApi:
    def test_a_record_is_made_read_changed_and_archived(self, register, world, client):
        client.force_login(world.people["contributor"])
        base = f"/api/v1/{register.slug}"
        body = filled(register) | {"node": "ALPHA"}
        new = client.post(base, body, content_type="application/json")
        assert new.status_code == 201, new.content
        one = f"{base}/{new.json()['id']}"
        assert client.get(one)["ETag"] == '"1"'
        assert client.patch(one, {"title": "New"}, content_type="application/json").status_code == 428
        changed = client.patch(
            one, {"title": "New"}, content_type="application/json", headers={"If-Match": '"1"'}
        )
        assert (changed.status_code, changed.json()["title"], changed.json()["version"]) == (200, "New", 2)
        clash = client.patch(
            one, {"title": "Late"}, content_type="application/json", headers={"If-Match": '"1"'}
        )
        assert clash.status_code == 409 and clash.json()["fields"][0]["theirs"] == "New"
        assert [h["action"] for h in client.get(f"{one}/history").json()] == ["change", "create"]
        assert client.delete(one, headers={"If-Match": '"2"'}).status_code == 204
        assert client.get(base, {"node": "ALPHA"}).json()["items"] == []

    def test_strangers_get_404_and_readers_403(self, register, world, client):
        record = made(register, world.alpha, world.actor("contributor"))
        one = f"/api/v1/{register.slug}/{record.pk}"
        for name, status in [("reader", 403), ("guest", 404), ("stranger", 404), ("nobody", 404)]:
            client.force_login(world.people[name])
            got = client.patch(one, {"title": "x", "version": 1}, content_type="application/json")
            assert got.status_code == status, name

    def test_nobody_signed_in_gets_401(self, register, world, client):
        assert client.get(f"/api/v1/{register.slug}").status_code == 401
