"""Fields of an item as a row of a large file keeps them."""

from __future__ import annotations

import pickle

import pytest

from steerco.connect.items import Row


def test_a_row_is_a_mapping_like_any_other_and_shares_its_names() -> None:
    shapes: dict[tuple[str, ...], tuple[str, ...]] = {}
    fields = {"title": "Move", "owner": None, "tags": ["a"]}
    one, two = Row(fields, shapes), Row({**fields, "title": "Test"}, shapes)
    assert one == fields and {**one} == fields and dict(one.items()) == fields
    assert list(one) == list(fields) and len(one) == 3
    assert "owner" in one and one["owner"] is None and "start" not in one and one.get("start") is None
    with pytest.raises(KeyError):
        one["start"]
    assert one != two and len(shapes) == 1
    assert pickle.loads(pickle.dumps(two)) == two
