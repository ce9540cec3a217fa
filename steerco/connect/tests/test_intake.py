"""What an import promises: the dry run is true, twice is once, people's edits are safe, nothing is half done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from steerco.connect.items import Item, Kind, ReadAssignment, Reading, ReadLink, ReadProject, ReadResource
from steerco.engine.calendar import Calendar
from steerco.engine.plan import LinkType, Options


def task(key: str, title: str = "", parent: str = "", **fields: Any) -> Item:
    """A work item as a reader yields it."""
    return Item("work-items", key, {"title": title or f"Task {key}", **fields}, f"row {key}", parent)


def reading(*items: Item, owned: tuple[str, ...] = ("title", "priority"), **more: Any) -> Reading:
    """A reading whose source owns some fields of work items."""
    return Reading(
        more.pop("system", "jira-csv"),
        more.pop("file", "export.csv"),
        items=items,
        owned=frozenset(f"work-items.{name}" for name in owned),
        **more,
    )


@dataclass
class Place:
    """Where the tests import to, and who does it."""

    node: Any
    operator: Any
    editor: Any  # a person with the role of a manager, at a page

    def items(self) -> dict[str, Any]:
        """The project's work items by their key at the source."""
        from steerco.areas.plan.models import WorkItem

        return {i.origin_key: i for i in WorkItem.objects.filter(node=self.node).order_by("number")}


@pytest.fixture
def place(db: None) -> Place:
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.tree import Role

    operator = Actor.system("cli", "operator")
    top = workspace.create_node(operator, None, "portfolio", "Portfolio")
    node = workspace.create_node(operator, top, "project", "Harbour", key="HARB")
    person = User.objects.create_user("mara@example.org", "Mara Lind")
    workspace.grant(operator, node, person, Role.MANAGER)
    return Place(node, operator, Actor.person(person))


def intake():
    from steerco.connect import intake as module

    return module


def take(place, told, **options):
    receipt = intake().apply(place.operator, told, place.node, **options)
    place.node.refresh_from_db()
    return receipt.outcome


def counts(outcome, register="work-items"):
    c = outcome.counts[register]
    return (c.new, c.changed, c.same, c.refused)


def edit(place, key, **fields):
    from steerco.kit.register import get
    from steerco.kit.write import change

    item = place.items()[key]
    return change(place.editor, get("work-items"), item.pk, fields, version=item.version)


def test_a_dry_run_says_what_the_import_then_does_and_writes_nothing(place):
    from steerco.kit.trail import Change

    told = reading(task("1"), task("2"), task("3", title=" "))
    before = Change.objects.count()
    promised = intake().plan(place.operator, place.node, told).outcome
    assert place.items() == {} and Change.objects.count() == before
    assert counts(promised) == (2, 0, 0, 1)
    done = take(place, told)
    assert counts(done) == counts(promised)
    assert [n.where for n in done.of(Kind.REFUSED)] == ["row 3"]
    assert "title" in done.of(Kind.REFUSED)[0].text and done.of(Kind.REFUSED)[0].remedy


def test_the_same_file_twice_changes_nothing(place):
    from steerco.connect.models import ImportRun
    from steerco.kit.trail import Change

    told = reading(
        task(
            "1",
            kind="summary",
            points=Decimal("3.5"),
            planned_start=datetime(2027, 1, 4, 8),
            owner="Ana Pires",
        ),
        task(
            "2",
            parent="1",
            percent_complete=50.0,
            tags=["a", "b"],
            custom={"Team": "Blue"},
            stored={"critical": True},
        ),
    )
    take(place, told)
    before = Change.objects.count()
    again = take(place, told)
    assert counts(again) == (0, 0, 2, 0)
    assert not again.changes_anything
    assert Change.objects.count() == before
    assert ImportRun.objects.filter(node=place.node).count() == 2  # freshness: the source was heard of again
    first, second = place.items().values()
    assert second.parent == first and first.owner.name == "Ana Pires"
    assert second.origin == {"custom": {"Team": "Blue"}, "stored": {"critical": True}}
    assert {first.version, second.version} == {1}


def test_numbers_follow_the_file_even_where_children_come_before_their_parents(place):
    take(place, reading(task("c", parent="b"), task("b", parent="a"), task("a"), task("d")))
    assert {key: item.number for key, item in place.items().items()} == {"c": 1, "b": 2, "a": 3, "d": 4}
    assert place.items()["c"].parent.parent.origin_key == "a"


def test_fields_the_source_owns_follow_it_and_others_edited_here_stay(place):
    take(place, reading(task("1", priority=100, description="from Jira")))
    edit(place, "1", priority="900", description="written here")
    outcome = take(place, reading(task("1", priority=100, description="from Jira")))
    item = place.items()["1"]
    assert (item.priority, item.description) == (100, "written here")
    assert outcome.counts["work-items"].kept == 1
    assert [(d.field, d.standing) for d in outcome.differences] == [("priority", "taken_back")]


def test_what_both_changed_is_a_conflict_that_the_source_wins_only_for_its_own_fields(place):
    take(place, reading(task("1", priority=100, description="from Jira")))
    edit(place, "1", priority="900", description="written here")
    told = reading(task("1", priority=200, description="new in Jira"))
    conflicts = {
        d.field: d.standing for d in intake().plan(place.operator, place.node, told).outcome.differences
    }
    assert conflicts == {"priority": "conflict_source", "description": "conflict_here"}
    for _again in range(2):  # ours stays ours however often the file comes
        outcome = take(place, told)
        item = place.items()["1"]
        assert (item.priority, item.description) == (200, "written here")
        assert outcome.counts["work-items"].kept == 1


def test_a_field_nobody_touched_here_follows_the_source_even_when_it_is_not_owned(place):
    take(place, reading(task("1", description="one")))
    take(place, reading(task("1", description="two")))
    assert place.items()["1"].description == "two"


def test_what_a_plan_no_longer_says_is_emptied_unless_a_person_wrote_it(place):
    calendars = {"1": Calendar.standard()}
    owned = ("title", "deadline", "wbs")
    both = {"deadline": datetime(2027, 3, 1), "wbs": "1.1"}
    take(place, reading(task("1", **both), task("2", **both), owned=owned, calendars=calendars))
    edit(place, "2", wbs="2.7")
    take(place, reading(task("1"), task("2", **both), owned=owned, calendars=calendars))
    first = place.items()["1"]
    assert (first.deadline, first.wbs) == (None, "")
    edit(place, "2", wbs="2.8")
    take(place, reading(task("1"), task("2"), owned=owned, calendars=calendars))
    assert place.items()["2"].wbs == "2.8"


def test_what_vanished_is_reported_and_archived_only_when_asked_and_comes_back_with_the_source(place):
    take(place, reading(task("1"), task("2")))
    outcome = take(place, reading(task("1")))
    assert [v.key for v in outcome.vanished] == ["2"] and place.items()["2"].archived_at is None
    take(place, reading(task("1")), archive_missing=True)
    assert place.items()["2"].archived_at is not None
    outcome = take(place, reading(task("1"), task("2")))
    assert place.items()["2"].archived_at is None and outcome.counts["work-items"].restored == 1


def test_what_a_person_archived_stays_archived(place):
    from steerco.kit.register import get
    from steerco.kit.write import door

    take(place, reading(task("1")))
    with door(place.editor) as opened:
        opened.archive(get("work-items"), place.items()["1"].pk, version=1)
    outcome = take(place, reading(task("1", title="Renamed")))
    assert place.items()["1"].archived_at is not None
    assert any("stays archived" in note.text for note in outcome.of(Kind.WARNING))


def test_people_are_found_by_address_or_exact_name_and_else_made_known_once(place):
    from steerco.kit.people import User

    take(
        place,
        reading(
            task("1", owner="MARA@example.org"), task("2", owner="Mara Lind"), task("3", owner="Ida Berg")
        ),
    )
    take(place, reading(task("4", owner="Ida Berg"), task("5", owner="mara lind")))
    owners = {key: item.owner for key, item in place.items().items()}
    assert owners["1"].email == owners["2"].email == "mara@example.org"
    assert owners["3"] == owners["4"] and not owners["3"].is_active and owners["3"].email is None
    assert owners["5"] != owners["1"]  # another spelling is another person until somebody says otherwise
    assert User.objects.filter(name="Ida Berg").count() == 1


def test_a_bad_value_is_left_out_with_its_row_and_the_row_is_taken(place):
    outcome = take(place, reading(task("1", priority=5000), task("2", kind="nonsense")))
    assert place.items()["1"].priority == 500 and place.items()["2"].kind == "task"
    assert {n.where for n in outcome.of(Kind.WARNING)} == {"row 1", "row 2"}


def test_a_rule_of_the_register_leaves_the_offending_field_out(place):
    late, early = datetime(2027, 2, 1), datetime(2027, 1, 1)
    outcome = take(place, reading(task("1", planned_start=late, planned_finish=early)))
    item = place.items()["1"]
    assert item.planned_start is not None and item.planned_finish is None
    assert "before" in outcome.of(Kind.WARNING)[0].text


def test_parents_that_are_missing_or_run_in_a_circle_are_named_and_the_items_are_taken(place):
    outcome = take(place, reading(task("1", parent="9"), task("a", parent="b"), task("b", parent="a")))
    assert counts(outcome) == (3, 0, 0, 0)
    texts = " ".join(n.text for n in outcome.of(Kind.WARNING))
    assert "not in the file" in texts and "circle" in texts


def test_an_unknown_register_is_refused_in_words(place):
    outcome = take(place, reading(task("1"), Item("unicorns", "1", {"title": "x"}, "row 9")))
    assert "unicorns" in outcome.of(Kind.REFUSED)[0].text and counts(outcome)[0] == 1


def plan_file(*tasks, links=(("1", "2"),), rate="80.00"):
    return reading(
        *tasks,
        system="mspdi",
        file="plan.xml",
        owned=("title", "calendar", "duration_minutes"),
        project=ReadProject(
            start=datetime(2027, 1, 4, 8),
            calendar="3",
            currency="€",
            options=Options(honour_constraints=False),
        ),
        links=tuple(ReadLink(a, b, LinkType.SS, 60) for a, b in links),
        calendars={"3": Calendar.standard()},
        calendar_names={"3": "Office"},
        resources=(ReadResource("7", "Mara Lind", max_units=0.5, standard_rate=rate),),
        assignments=(ReadAssignment("1", "7", 0.5, 480),),
    )


def test_a_plan_brings_its_links_calendars_resources_and_rules(place):
    from steerco.areas.plan.calendars import calendar_from_json, options_from_json
    from steerco.areas.plan.models import Assignment, TaskLink, WorkCalendar

    told = plan_file(task("1", duration_minutes=480, calendar="3"), task("2"))
    outcome = take(place, told)
    assert {name: n["new"] for name, n in outcome.network.items()} == {
        "calendars": 1, "resources": 1, "links": 1, "assignments": 1,
    }  # fmt: skip
    link, calendar, use = TaskLink.objects.get(), WorkCalendar.objects.get(), Assignment.objects.get()
    assert (link.type, link.lag, link.predecessor.origin_key, link.successor.origin_key) == (
        "SS",
        60,
        "1",
        "2",
    )
    assert calendar.is_default and calendar_from_json(calendar.definition) == Calendar.standard()
    assert use.resource.person.email == "mara@example.org" and use.resource.rate == 80
    assert place.node.start.isoformat() == "2027-01-04T08:00:00+00:00" and place.node.currency == "EUR"
    assert options_from_json(place.node.options["scheduling"]) == Options(honour_constraints=False)
    assert not take(place, told).changes_anything


def test_a_link_drawn_here_stays_and_one_the_source_dropped_goes(place):
    from steerco.areas.plan.models import TaskLink

    take(place, plan_file(task("1"), task("2"), task("3"), links=(("1", "2"), ("2", "3"))))
    items = place.items()
    TaskLink.objects.create(node=place.node, predecessor=items["1"], successor=items["3"])
    outcome = take(place, plan_file(task("1"), task("2"), task("3"), links=(("1", "2"),), rate="95.00"))
    assert outcome.network["links"] == {"new": 0, "changed": 0, "same": 1, "gone": 1}
    assert outcome.network["resources"]["changed"] == 1
    left = {(x.predecessor.origin_key, x.successor.origin_key) for x in TaskLink.objects.all()}
    assert left == {("1", "2"), ("1", "3")}


def test_two_tables_of_one_project_number_their_rows_apart_and_a_new_issue_of_one_is_the_same_table(place):
    take(place, reading(task("1", title="Story"), system="table", file="Product Backlog.xlsx"))
    outcome = take(place, reading(task("1", title="Subtask"), system="table", file="Sprint Backlog.xlsx"))
    assert counts(outcome) == (1, 0, 0, 0)
    outcome = take(
        place,
        reading(task("1", title="Story"), system="table", file="Product Backlog 2027-02 (2) final.xlsx"),
    )
    assert counts(outcome) == (0, 0, 1, 0)


def test_a_reader_may_not_import_and_a_contributor_does_not_move_the_project(place):
    from steerco.kit import workspace
    from steerco.kit.access import Actor
    from steerco.kit.people import User
    from steerco.kit.refusals import Refused
    from steerco.kit.tree import Role

    reader = User.objects.create_user("r@example.org", "Reader")
    workspace.grant(place.operator, place.node, reader, Role.READER)
    for verb in (intake().plan, intake().apply):
        with pytest.raises(Refused):
            verb(
                Actor.person(reader),
                *(
                    (place.node, reading(task("1")))
                    if verb is intake().plan
                    else (reading(task("1")), place.node)
                ),
            )
    contributor = User.objects.create_user("c@example.org", "Contributor")
    workspace.grant(place.operator, place.node, contributor, Role.CONTRIBUTOR)
    outcome = intake().apply(Actor.person(contributor), plan_file(task("1"), task("2")), place.node).outcome
    place.node.refresh_from_db()
    assert place.node.start is None and counts(outcome)[0] == 2
    assert any("only a manager" in note.text for note in outcome.of(Kind.WARNING))


def test_anything_that_fails_inside_undoes_everything_and_names_the_row(place, monkeypatch):
    from steerco.areas.plan.registers.work_item import WorkItems
    from steerco.connect.receipts import ImportRefused
    from steerco.kit.trail import Change
    from steerco.kit.write import Door

    before = Change.objects.count()
    honest = Door._check

    def picky(self, register, record, before):
        from steerco.kit.refusals import Invalid

        if record.title == "Task 3":
            raise Invalid({"title": "is not wanted"})
        honest(self, register, record, before)

    monkeypatch.setattr(Door, "_check", picky)
    assert WorkItems
    with pytest.raises(ImportRefused, match="row 3") as refused:
        intake().apply(place.operator, reading(task("1"), task("2"), task("3"), task("4")), place.node)
    assert refused.value.remedy
    assert place.items() == {} and Change.objects.count() == before


def test_an_edit_made_between_dry_run_and_import_is_not_lost(place):
    take(place, reading(task("1", description="from Jira")))
    planned = intake().plan(place.operator, place.node, reading(task("1", description="new in Jira")))
    edit(place, "1", description="written here")
    take(place, planned)
    assert place.items()["1"].description == "written here"


def test_an_import_wakes_the_calculation_and_stands_in_the_trail_as_one_batch(place):
    from steerco.kit.queue import Stale
    from steerco.kit.trail import Change, Fault, verify

    receipt = intake().apply(place.operator, plan_file(task("1"), task("2")), place.node)
    assert Stale.objects.filter(node=place.node).exists()
    told = Change.objects.filter(batch=receipt.batch)
    assert set(told.values_list("via", flat=True)) == {"import"}
    assert {"work-items", "plan-links", "plan-calendars"} <= set(told.values_list("register", flat=True))
    assert not [step for step in verify() if isinstance(step, Fault)]
