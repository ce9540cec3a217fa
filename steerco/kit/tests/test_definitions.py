"""What a manager adds to a register holds below, is taken away without loss, and cannot be nonsense."""

from __future__ import annotations

import pytest

from steerco.kit import definitions, write
from steerco.kit.access import Actor
from steerco.kit.custom import custom_fields
from steerco.kit.refusals import Invalid, Missing, Refused
from steerco.kit.register import get
from steerco.kit.testing import made

SYSTEM = Actor.system("cli")
pytestmark = pytest.mark.django_db


def define(actor, node, label="Proximity", kind="date", **more):
    return definitions.define(actor, node, "risks", label=label, kind=kind, **more)


def test_a_field_holds_on_its_node_and_below_and_nowhere_else(world):
    define(SYSTEM, world.root)
    assert list(custom_fields(get("risks"), world.alpha)) == ["custom.proximity"]
    assert not custom_fields(get("decisions"), world.alpha)
    assert [
        f.node for f in dict(definitions.definitions(world.actor("manager"), world.alpha))[get("risks")]
    ] == [world.root]


def test_taken_away_and_added_again_it_has_its_values_back(world):
    field = define(world.actor("manager"), world.alpha)
    risk = made(get("risks"), world.alpha, world.actor("manager"))
    write.change(world.actor("manager"), get("risks"), risk.pk, {"custom.proximity": "2027-03-01"}, version=1)
    definitions.remove(world.actor("manager"), world.alpha, field.pk)
    assert not custom_fields(get("risks"), world.alpha)
    define(world.actor("manager"), world.alpha)
    risk.refresh_from_db()
    assert str(custom_fields(get("risks"), world.alpha)["custom.proximity"].of(risk)) == "2027-03-01"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"label": " "}, "label"),
        ({"label": "12"}, "label"),
        ({"label": "x" * 81}, "label"),
        ({"label": "漢字"}, "label"),
        ({"kind": "formula"}, "kind"),
        ({"kind": "choice"}, "choices"),
        ({"kind": "choice", "choices": "\n".join(str(n) for n in range(101))}, "choices"),
        ({"kind": "choice", "choices": "y" * 81}, "choices"),
    ],
)
def test_what_makes_no_field_is_refused_by_name(world, given, wrong):
    with pytest.raises(Invalid) as refused:
        define(world.actor("manager"), world.alpha, **given)
    assert set(refused.value.errors) == {wrong}
    assert not custom_fields(get("risks"), world.alpha)


def test_a_name_is_taken_once_and_keeps_its_kind(world):
    field = define(world.actor("manager"), world.alpha)
    with pytest.raises(Invalid):
        define(world.actor("manager"), world.alpha, label="proximity")
    definitions.remove(world.actor("manager"), world.alpha, field.pk)
    with pytest.raises(Invalid):
        define(world.actor("manager"), world.alpha, kind="number")


def test_only_a_manager_defines_and_only_where_the_field_stands(world):
    with pytest.raises(Refused):
        define(world.actor("contributor"), world.alpha)
    field = define(SYSTEM, world.root)
    with pytest.raises(Missing):
        definitions.remove(world.actor("manager"), world.alpha, field.pk)
    with pytest.raises(Refused):
        definitions.remove(world.actor("contributor"), world.alpha, field.pk)


def test_a_field_from_above_does_not_name_a_workspace_its_reader_may_not_see(world, client):
    define(SYSTEM, world.root)
    client.force_login(world.people["manager"])  # of Alpha alone
    page = client.get("/n/ALPHA/fields/").content.decode()
    assert "custom.proximity" in page and "<td>above</td>" in page and ">All<" not in page
