"""Thousands of rows written at once are the rows that one by one would have been."""

from __future__ import annotations

from steerco.kit.access import Actor


def _names(count):
    from steerco.kit.write import Draft

    return [Draft({"title": f"Task {n}", "tags": ["x"], "percent_complete": "12.5"}) for n in range(count)]


def test_rows_made_in_bulk_equal_those_made_singly_and_the_chain_holds(db):
    from steerco.kit import trail, workspace
    from steerco.kit.register import get
    from steerco.kit.write import door

    actor = Actor.system("cli")
    top = workspace.create_node(actor, None, "portfolio", "P")
    node = workspace.create_node(actor, top, "project", "Q")
    items = get("work-items")
    with door(actor) as opened:
        made = opened.create_many(items, node, _names(50))
        one = opened.create_many(items, node, _names(1))[0]
    stored = {row.pk: row for row in items.model.objects.filter(node=node)}
    assert [row.pk for row in made] == sorted(row.pk for row in made) and len(stored) == 51
    assert sorted(row.number for row in stored.values()) == list(range(1, 52))
    skipped = {"id", "number", "title", "tags", "start", "finish"}
    names = [f.attname for f in items.model._meta.concrete_fields if f.name not in skipped]
    first, last = stored[made[0].pk], stored[one.pk]
    assert {n: getattr(first, n) for n in names} == {n: getattr(last, n) for n in names}
    assert first.title == "Task 0" and first.tags == ["x"] and stored[made[1].pk].title == "Task 1"
    with door(actor) as opened:  # the next id is free for Django's own way, too
        assert opened.create(items, node, {"title": "After"}).pk > one.pk
    assert [step for step in trail.verify() if isinstance(step, trail.Fault)] == []


def test_rows_of_one_mould_share_no_list(db):
    from steerco.areas.plan.models import WorkItem
    from steerco.kit.bulk import Mould

    mould = Mould(WorkItem)
    first, second = mould.row(), mould.row()
    first.tags.append("only mine")
    assert second.tags == [] and first.custom is not second.custom


def test_entries_beyond_the_memory_limit_come_back_in_order_and_whole():
    from steerco.kit.trail import Entry, Waiting

    entries = [
        Entry(None, "import", 1, "risks", n, f"R-{n}", "create", 1, {}, {"title": f"Ü {n}\n"}, "why", "b")
        for n in range(10)
    ]
    waiting = Waiting(in_memory=4)
    for entry in entries:
        waiting.append(entry)
    assert list(waiting) == entries == list(waiting)
