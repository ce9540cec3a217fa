"""Somebody of Alpha learns nothing of Beta, by any address, method, slot, body, export, search or error."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from steerco.kit.register import registers
from tests.trust.asks import Ask, asks, one
from tests.trust.routes import INVENTORY, routes
from tests.trust.town import BETA_MARK, HIDDEN_MARK, Town, contents, head, leak

QUERIES = (
    BETA_MARK, f"title:{BETA_MARK}", f"-{BETA_MARK}", "owner:stranger", f"owner:{BETA_MARK}-stranger@example.org",
    f"tags:{BETA_MARK}", "R-5001", f"{BETA_MARK.upper()}/R-5001", "parent:T-5001", "custom.note:zqx", "status!=open",
)  # fmt: skip


def beta_ids(town: Town) -> dict[str, list[Any]]:
    """For each slot of an address or body, what of Beta somebody could put there."""
    it = town.beta
    ids = {
        "key": [it.node.key, it.node.key.lower()],
        "ref": [it.hidden["risks"].ref, it.shared["risks"].ref],
        "record_id": [it.hidden["risks"].pk, it.shared["risks"].pk],
        "user": [it.owner.pk, it.named.pk],
        "person": [it.owner.pk, it.named.pk, it.owner.email, it.owner.name, it.named.name],
        "to": [f"{it.node.key}/{r.ref}" for r in it.shared.values()] + [it.shared["risks"].ref],
        "item": [it.hidden["work-items"].ref],
    }
    for slot in (
        "file_id",
        "link_id",
        "reading_id",
        "run_id",
        "job_id",
        "pack_id",
        "batch",
        "token_id",
        "field_id",
        "view_id",
    ):
        ids[slot] = [it.ids[slot]]
    return ids


def swapped_paths(town: Town, ask: Ask) -> list[tuple[Ask, Any]]:
    """The request with one slot of its address after the other naming a thing of Beta."""
    ids = beta_ids(town)
    found = [(replace(ask, slots={**ask.slots, s: v}), v) for s in ask.slots for v in ids.get(s, ())]
    if "key" in ask.slots:  # a key of one's own with everything else of Beta, and the other way round
        others = {s: ids[s][0] for s in ask.slots if s in ids and s != "key"}
        found.append((replace(ask, slots={**ask.slots, **others}), town.beta.node.key)) if others else None
        found.append(
            (replace(ask, slots={**ask.slots, **others, "key": town.beta.node.key}), town.beta.node.key)
        )
    return found


@pytest.mark.parametrize("name", ["owner", "guest"])
def test_no_slot_of_an_address_leads_across(town, name):
    """Status 404 (or 403 where the role would not do even at home), no mark of Beta in the answer, nothing written."""
    client = town.client(name)
    before, told = contents(town.beta.node), head()
    wrong = []
    for ask in asks(town, town.alpha, ("shared",)):
        for swapped, value in swapped_paths(town, ask):
            answer = swapped.send(client)
            refused = {404} if ask.method == "GET" or name == "owner" else {403, 404}
            if answer.status_code not in refused or leak(answer, BETA_MARK, str(value)):
                wrong.append(
                    f"{swapped} {swapped.url}: {answer.status_code} {leak(answer, BETA_MARK, str(value))}"
                )
    assert not wrong, "\n".join(wrong)
    assert head() == told
    assert contents(town.beta.node) == before


def swapped_bodies(town: Town) -> list[tuple[str, str, dict[str, Any], Any]]:
    """(entry, object, changed fields, value): each id slot of a form or JSON body naming a thing of Beta."""
    ids, found = beta_ids(town), []
    for person in ids["person"]:
        found += [(e, "hidden", {"owner": person}, person) for e in ("record-edit", "api:*-change")]
        found += [
            ("record-new", "", {"owner": person}, person),
            ("api:*-create", "", {"owner": person}, person),
        ]
        found.append(("cell", "hidden", {"owner": person}, person))
        found.append(("resolve", "hidden", {"pick.owner": "yours", "yours.owner": person}, person))
        found.append(("bulk", "", {"field": "owner", "value": person}, person))
    for user in ids["user"]:
        found += [("revoke", "", {"user": user}, user), ("one-time-link", "", {"user": user}, user)]
    for to in ids["to"]:
        found += [("link", "hidden", {"to": to}, to), ("api:*-link", "hidden", {"to": to}, to)]
    for ref in ids["item"]:
        found += [("gantt-preview", "", {"ref": ref}, ref), ("gantt-move", "", {"ref": ref}, ref)]
    for ref in ids["ref"]:
        found.append(("bulk", "", {"ref": ref}, ref))
    for key in ids["key"]:
        found.append(("api:*-create", "", {"node": key}, key))
        found.append(("node-new", "", {"parent": key}, key))
    return found


def test_no_field_of_a_body_leads_across(town):
    """Refused without a name of Beta that was not in the question; Beta untouched; nothing written."""
    client = town.client("owner")
    before, told = contents(town.beta.node), head()
    by_entry = {r.entry: r for r in routes() if not r.name.startswith("api:api-") or "-risks-" in r.name}
    wrong = []
    for entry, which, changes, value in swapped_bodies(town):
        method = next(m for m in INVENTORY[entry]["methods"] if m != "GET")
        ask = one(town, town.alpha, by_entry[entry], method, which)
        if entry == "cell":
            ask = replace(ask, slots={**ask.slots, "field": next(iter(changes))})
        if ask.body is not None:
            ask = replace(ask, body={**ask.body, **changes})
        else:
            ask = replace(ask, data={**ask.data, **changes})
        answer = ask.send(client)
        if answer.status_code not in {400, 403, 404, 422} or leak(answer, BETA_MARK, str(value)):
            wrong.append(f"{ask} {changes}: {answer.status_code} {leak(answer, BETA_MARK, str(value))}")
    assert not wrong, "\n".join(wrong)
    assert head() == told
    assert contents(town.beta.node) == before


def test_a_person_elsewhere_and_a_person_nowhere_read_the_same(town):
    """Naming an owner is no way to ask who has an account."""
    client = town.client("owner")
    record = town.alpha.hidden["risks"]
    url = f"/api/v1/risks/{record.pk}"
    for there, nowhere in (
        (town.beta.owner.email, f"{BETA_MARK}-nothere@example.org"),
        (town.beta.owner.name, town.beta.owner.name[::-1]),
        (town.beta.owner.pk, 987_654),
    ):
        answers = [
            client.patch(url, {"owner": who, "version": 2}, content_type="application/json")
            for who in (there, nowhere)
        ]
        assert [a.status_code for a in answers] == [422, 422]
        told = [str(a.json()).replace(str(w), "") for a, w in zip(answers, (there, nowhere), strict=True)]
        assert told[0] == told[1]


@pytest.mark.parametrize(
    ("name", "mark"),
    [("owner", BETA_MARK), ("guest", BETA_MARK), ("guest", HIDDEN_MARK), ("nobody", BETA_MARK)],
)
def test_no_answer_carries_what_is_not_theirs(town, name, mark):
    """Every safe address, as a page, as a part of one, and as each file; every list, search and palette question."""
    client = town.client(name)
    wrong = []

    def look(label: str, answer: Any, said: str = "") -> None:
        if answer.status_code >= 500 or leak(answer, mark, said):
            wrong.append(f"{label}: {answer.status_code} {leak(answer, mark, said)}")

    for ask in asks(town, town.alpha):
        if ask.method != "GET":
            continue
        look(str(ask), ask.send(client))
        if ask.route.entry in {"node", "register", "packs", "import-job", "record", "pulse"}:
            look(f"{ask}, a part of it", ask.send(client, HX_Request="true"))
    for register in registers():
        at, api = f"/n/ALPHA/{register.slug}", f"/api/v1/{register.slug}"
        columns = ",".join([*register.all_fields, "custom.note"])
        for url in (f"{at}/", f"{at}/export.csv", f"{at}/export.xlsx", api, f"/n/ALL/{register.slug}/"):
            look(url, client.get(url, {"columns": columns}))
            look(f"{url} archived", client.get(url, {"columns": columns, "archived": "1"}))
        for text in QUERIES if register.slug in {"risks", "work-items"} else ():
            look(f"{at}/?q={text}", client.get(f"{at}/", {"q": text}), text)
            look(f"{api}?q={text}", client.get(api, {"q": text}), text)
        record = town.alpha.shared[register.slug]
        for url in (
            f"{at}/{record.ref}/",
            f"{at}/{record.ref}/peek",
            f"{api}/{record.pk}",
            f"{api}/{record.pk}/links",
        ):
            look(url, client.get(url))
    for text in (*QUERIES, mark):
        for url in ("/search/", "/palette"):
            look(f"{url}?q={text}", client.get(url, {"q": text, "node": "ALPHA"}), text)
            look(f"{url}?q={text} in Beta", client.get(url, {"q": text, "node": BETA_MARK.upper()}), text)
    for suffix in ("pptx", "pdf", "html", "xlsx"):
        look(f"pack as {suffix}", client.get(f"/n/ALPHA/packs/{town.alpha.ids['pack_id']}.{suffix}"))
    look("not found", client.get("/n/NOTHING/"))
    assert not wrong, "\n".join(wrong)


def test_the_marks_are_there_to_be_found(town):
    """The crawl above can fail: whoever may see the texts finds their marks by the same ways."""
    owner, stranger = town.client("owner"), town.client("stranger")
    for url in (
        "/n/ALPHA/",
        "/n/ALPHA/risks/",
        "/n/ALPHA/risks/R-1/",
        "/n/ALPHA/risks/export.xlsx",
        "/api/v1/risks",
    ):
        assert leak(owner.get(url), HIDDEN_MARK), url
        assert leak(
            stranger.get(url.replace("ALPHA", BETA_MARK.upper()).replace("R-1", "R-5001")), BETA_MARK
        ), url
    for suffix in ("pptx", "pdf", "html", "xlsx"):
        assert leak(owner.get(f"/n/ALPHA/packs/{town.alpha.ids['pack_id']}.{suffix}"), HIDDEN_MARK), suffix
    assert leak(owner.get("/search/", {"q": "title"}), HIDDEN_MARK)
