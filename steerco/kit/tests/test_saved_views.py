"""Saved views and groups: a list opens as somebody kept it, and its groups add up to what is there."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest

from steerco.kit import access, grouping, query, saved_views, workspace, write
from steerco.kit.access import Actor
from steerco.kit.attached import SavedView
from steerco.kit.pages.rows import page_of
from steerco.kit.refusals import Invalid, Missing, Refused, VersionNeeded
from steerco.kit.register import Register, get
from steerco.kit.trail import Change
from steerco.kit.tree import Role

pytestmark = pytest.mark.django_db
LIST = "/n/ALPHA/risks/"


@pytest.fixture
def risks() -> Register:
    return get("risks")


@pytest.fixture
def board(world: Any, risks: Register) -> Any:
    """Seven risks on Alpha in three statuses, of two owners and none, with exposures that add up."""
    actor = world.actor("manager")
    owners = [world.people["owner"], world.people["manager"], None]
    for n in range(7):
        made = write.create(
            actor, risks, world.alpha,
            {"title": f"Risk {n}", "owner": owners[n % 3], "probability": "50", "impact_days_likely": str(n + 1)},
        )  # fmt: skip
        if n in (1, 3, 4):
            write.change(
                actor, risks, made.pk, {"status": "treating", "response": "avoid"}, version=made.version
            )
    return world


def rows_of(page: Any) -> list[str]:
    return re.findall(r'<tr data-ref="(R-\d+)"', page.content.decode())


def groups_of(page: Any) -> list[tuple[str, str]]:
    text = page.content.decode()
    return re.findall(r'<tr class="group"><th[^>]*>\s*(.*?) <span class="count">(\d+)</span>', text)


def keep(world: Any, who: str, name: str, shows: dict[str, str], **more: Any) -> SavedView:
    at = more.pop("node", world.alpha)
    return saved_views.keep(world.actor(who), at, get("risks"), name=name, shows=shows, **more)


def test_a_kept_list_opens_as_it_was_kept(board, client):
    view = keep(
        board, "reader", "Treated by me", {"q": "status:treating", "sort": "title", "columns": "title,status"}
    )
    client.force_login(board.people["reader"])
    asked = client.get(LIST, {"q": "status:treating", "sort": "title", "columns": "title,status"})
    opened = client.get(LIST, {"view": view.pk})
    assert rows_of(opened) == rows_of(asked) != []
    assert 'data-field="exposure_days"' not in opened.content.decode()
    assert "Treated by me" in opened.content.decode()


def test_what_is_asked_for_beyond_a_view_holds_and_the_view_stays(board, client):
    view = keep(board, "contributor", "Treated", {"q": "status:treating"})
    client.force_login(board.people["contributor"])
    page = client.get(LIST, {"view": view.pk, "q": "status:open"})
    assert rows_of(page) == rows_of(client.get(LIST, {"q": "status:open"}))
    assert "Save changes" in page.content.decode()
    cleared = client.get(LIST, {"view": view.pk, "q": ""})
    assert len(rows_of(cleared)) == 7
    view.refresh_from_db()
    assert view.shows == {"q": "status:treating"}


def test_saving_changes_needs_the_version_that_was_opened(board, client):
    view = keep(board, "contributor", "Treated", {"q": "status:treating"})
    actor = board.actor("contributor")
    changed = saved_views.change(
        actor, board.alpha, get("risks"), view.pk, version=1, shows={"q": "status:open"}
    )
    assert (changed.version, changed.shows) == (2, {"q": "status:open"})
    with pytest.raises(Invalid, match="meanwhile"):
        saved_views.change(actor, board.alpha, get("risks"), view.pk, version=1, shows={"q": "status:closed"})
    with pytest.raises(VersionNeeded):
        saved_views.change(actor, board.alpha, get("risks"), view.pk, version=None, name="Other")
    view.refresh_from_db()
    assert view.shows == {"q": "status:open"}


def test_a_view_is_its_makers_alone_until_it_is_shared(board, client):
    mine = keep(board, "contributor", "Mine", {"q": "status:open"})
    ours = keep(board, "contributor", "Ours", {"q": "status:open"}, shared=True)
    for who, sees in (
        ("owner", {"Ours"}),
        ("reader", {"Ours"}),
        ("contributor", {"Mine", "Ours"}),
        ("guest", set()),
    ):
        assert {v.name for v in saved_views.on(board.actor(who), board.alpha, get("risks"))} == sees, who
    client.force_login(board.people["reader"])
    assert client.get(LIST, {"view": mine.pk}).status_code == 404
    assert client.get(LIST, {"view": ours.pk}).status_code == 200
    client.force_login(board.people["guest"])
    assert client.get(LIST, {"view": ours.pk}).status_code == 404
    assert "Ours" not in client.get(LIST).content.decode()


def test_sharing_and_opening_first_for_all_need_their_roles(board):
    with pytest.raises(Refused):
        keep(board, "reader", "Ours", {}, shared=True)
    with pytest.raises(Refused):
        keep(board, "contributor", "Ours", {}, shared=True, is_default=True)
    with pytest.raises(Missing):
        keep(board, "guest", "Mine", {})
    assert keep(board, "reader", "Mine", {}, is_default=True).is_default
    assert keep(board, "manager", "Ours", {}, shared=True, is_default=True).is_default
    made = keep(board, "contributor", "Made by a contributor", {"q": "status:open"}, shared=True)
    manager = board.actor("manager")
    saved_views.change(manager, board.alpha, get("risks"), made.pk, version=1, is_default=True)
    with pytest.raises(Refused):  # what opens first for all is no longer its maker's to change
        saved_views.change(
            board.actor("contributor"), board.alpha, get("risks"), made.pk, version=2, shows={}
        )
    ours = SavedView.objects.get(name="Ours")
    with pytest.raises(Refused):
        saved_views.remove(board.actor("contributor"), board.alpha, get("risks"), ours.pk)
    mine = keep(board, "contributor", "Mine too", {"q": "a"})
    with pytest.raises(Refused):
        saved_views.change(
            board.actor("contributor"), board.alpha, get("risks"), mine.pk, version=1, shared=True, is_default=True
        )  # fmt: skip


def test_a_list_opens_with_ones_own_view_before_that_of_all(board, client):
    keep(board, "manager", "For all", {"q": "status:treating"}, shared=True, is_default=True)
    client.force_login(board.people["reader"])
    assert rows_of(client.get(LIST)) == rows_of(client.get(LIST, {"q": "status:treating"}))
    keep(board, "reader", "For me", {"q": "status:open"}, is_default=True)
    assert rows_of(client.get(LIST)) == rows_of(client.get(LIST, {"q": "status:open"}))
    assert len(rows_of(client.get(LIST, {"view": ""}))) == 7  # “All” is one click away
    assert len(rows_of(client.get(LIST, {"q": ""}))) == 7
    exported = client.get(f"{LIST}export.csv")
    assert b"".join(exported.streaming_content).count(b"R-") == 7  # an export is what its address says


def test_one_view_opens_first_and_the_newest_choice_wins(board):
    keep(board, "reader", "First", {"q": "a"}, is_default=True)
    keep(board, "reader", "Second", {"q": "b"}, is_default=True)
    keep(board, "owner", "Another's", {"q": "c"}, is_default=True)
    first = {v.name for v in SavedView.objects.filter(is_default=True)}
    assert first == {"Second", "Another's"}


def test_a_view_of_the_portfolio_holds_in_its_projects_and_names_are_one_thing(board, client):
    keep(board, "owner", "Over all", {"q": "status:treating"}, shared=True)
    with pytest.raises(Invalid, match="taken"):
        keep(board, "manager", "Over all", {}, shared=True)
    keep(board, "manager", "Over all", {"q": "status:open"})  # one's own may be called the same
    with pytest.raises(Invalid, match="1 to 80"):
        keep(board, "manager", " \u202e ", {})
    above = Actor.system("cli")
    top = board.alpha.parent
    workspace.grant(above, top, board.people["manager"], Role.MANAGER)
    keep(board, "manager", "From above", {"q": "status:treating"}, shared=True, node=top)
    client.force_login(board.people["reader"])
    page = client.get(LIST)
    assert "From above" in page.content.decode()


def test_the_trail_tells_of_shared_views_and_of_private_ones_says_nothing(board):
    before = Change.objects.filter(register="saved-view").count()
    mine = keep(board, "contributor", "Mine", {"q": "owner:me"})
    assert Change.objects.filter(register="saved-view").count() == before
    saved_views.change(board.actor("contributor"), board.alpha, get("risks"), mine.pk, version=1, shared=True)
    saved_views.remove(board.actor("contributor"), board.alpha, get("risks"), mine.pk)
    told = list(Change.objects.filter(register="saved-view").order_by("seq").values_list("action", flat=True))
    assert told[before:] == ["change", "archive"]


def test_the_pages_keep_change_and_remove_a_view(board, client):
    client.force_login(board.people["contributor"])
    kept = client.post(
        f"{LIST}views", {"name": "Kept", "q": "status:open", "sort": "title", "group": "status"}
    )
    view = SavedView.objects.get(name="Kept")
    assert kept["Location"] == f"{LIST}?view={view.pk}"
    assert view.shows == {"q": "status:open", "sort": "title", "group": "status"}
    client.post(f"{LIST}views/{view.pk}", {"version": 1, "q": "status:treating", "sort": "", "group": ""})
    client.post(f"{LIST}views/{view.pk}", {"version": 2, "name": "Renamed", "shared": "1"})
    view.refresh_from_db()
    assert (view.name, view.shared, view.shows, view.version) == (
        "Renamed",
        True,
        {"q": "status:treating"},
        3,
    )
    again = client.post(f"{LIST}views", {"name": "Renamed", "q": "status:open", "shared": "1"}, follow=True)
    assert "choose another name" in again.content.decode()
    assert rows_of(again) == rows_of(client.get(LIST, {"q": "status:open"}))  # what was shown is shown still
    client.post(f"{LIST}views/{view.pk}/remove", {})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["status", "owner", "shared"])
def test_groups_count_all_their_rows_and_pages_neither_repeat_nor_lose_one(board, risks, name):
    actor = board.actor("reader")
    found = grouping.placed(access.rows(risks, actor, board.alpha), name, risks)
    found, sort = query.order(found, "-title", risks, grouping.PLACE)
    whole = list(found)
    asked = []

    def sizes() -> Any:
        asked.append(1)
        return grouping.totals(found, risks.list_columns, board.alpha)

    seen, begun, token = [], [], ""
    for _ in range(9):
        part = page_of(found, sort, risks, token, size=2, group=name)
        begun += grouping.headings(part.rows, part.reached, name, risks, sizes).values()
        seen += part.rows
        token = part.following
        if not token:
            break
    assert [r.pk for r in seen] == [r.pk for r in whole] and len(seen) == 7
    assert len(begun) == len({g.label for g in begun}) == len({getattr(r, grouping.PLACE) for r in whole})
    assert sum(g.count for g in begun) == 7
    assert len(asked) <= len(begun)  # not for pages on which no group begins
    assert (
        sum(g.sums["exposure_days"] or 0 for g in begun) == sum(r.exposure_days for r in whole) == Decimal(14)
    )


def test_a_grouped_list_shows_its_groups_in_the_flows_order_with_sums(board, client):
    client.force_login(board.people["reader"])
    page = client.get(LIST, {"group": "status"})
    assert groups_of(page) == [("Open", "4"), ("Treating", "3")]
    assert len(rows_of(page)) == 7
    assert groups_of(client.get(LIST, {"group": "status", "q": "owner:none"})) == [("Open", "2")]
    people = groups_of(client.get(LIST, {"group": "owner"}))
    assert people[-1] == ("not filled in", "2") and len(people) == 3


@pytest.mark.parametrize(
    "name", ["title", "tags", "parent", "number", "custom.note", "nothing", "owner__password", "node"]
)
def test_a_list_is_grouped_by_what_groups_and_by_nothing_else(board, client, name):
    client.force_login(board.people["reader"])
    page = client.get(LIST, {"group": name})
    assert page.status_code == 200 and groups_of(page) == [] and len(rows_of(page)) == 7


def test_a_portfolio_groups_by_project_and_adds_up_money_of_one_currency_only(board, client, risks):
    write.create(
        board.actor("stranger"), risks, board.beta,
        {"title": "Beyond", "probability": "50", "impact_cost_likely": "1000"},
    )  # fmt: skip
    top = board.alpha.parent
    found = grouping.placed(access.rows(risks, Actor.system("cli"), top), "node", risks)
    same = grouping.totals(found, [risks.all_fields["exposure_cost"]], top)
    assert same[board.beta.name] == (1, {"exposure_cost": Decimal(500)})
    workspace.change_node(Actor.system("cli"), board.beta, {"currency": "CHF"}, version=board.beta.version)
    assert grouping.totals(found, [risks.all_fields["exposure_cost"]], top)[board.beta.name] == (1, {})
    workspace.grant(Actor.system("cli"), top, board.people["owner"], Role.READER)
    client.force_login(board.people["owner"])
    page = client.get(f"/n/{top.key}/risks/", {"group": "node"})
    assert groups_of(page) == [(board.alpha.name, "7"), (board.beta.name, "1")]
