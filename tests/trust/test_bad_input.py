"""Nonsense is ignored or explained: whatever comes in an address, a form, a body or a file, no answer is a 500."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from steerco.kit import jobs, query, write
from steerco.kit.attached import CustomField
from steerco.kit.custom import ALLOWED, custom_fields
from steerco.kit.fields import KINDS, Bad, Field
from steerco.kit.pages.rows import page_of
from steerco.kit.register import get, registers
from steerco.kit.testing import made
from tests.trust.town import Town, contents, head

NASTY = (
    "\x00", "a\x00b", "\ud800", "\u202e", "\u2028", "²", "٣", "½", "9" * 30, "9" * 5000, "-1", "1e999", "-1e999", "inf",
    "NaN", "sNaN", "0e999999999", "1e-999999999", "Infinity", "None", "null", "[]", "{}", "%", "%00", "_", "'", '"', "\\",
    "';--", "1 OR 1=1", "a'||'b", "$$", "(((", "*", "**", "../..", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01",
    "0001-01-01", "+9999d", "-9999m", "+14", "99999999w", "1.2.3.4d", "d", "1d" * 200, ",", ",,,,", "-", "--", ":", "::", "=", ">=",
    "me", "none", "R-999999999", "R-9999999999", "R-²", "R-0", "R--1", "-R-1", "T-1", "/R-1", "BETA/R-1", "a/b/c/R-1",
    "𝕏" * 300, "x" * 20_001, " ", "\t\r\n", "<script>", "{{7*7}}", "${7*7}", "=1+1", "__class__", "title__isnull", "node__key",
    "OR", "_connector", "owner__password", "custom__x", "custom.", "custom.note", "custom.none", "custom.a.b",
)  # fmt: skip


def broken(answers: list[tuple[Any, Any]]) -> list[str]:
    return [f"{what!r}: {answer.status_code}"[:200] for what, answer in answers if answer.status_code >= 500]


def test_no_query_of_a_list_breaks_it(town: Town):
    """`q` with every operator on every kind of field, `sort`, `columns`, `archived`, `after`: on the page and the API."""
    client = town.client("owner")
    answers = []
    for value in NASTY[::3]:  # the rest is asked of the language itself, below
        shown = value.encode("utf-8", "replace").decode()
        query_ = {
            "q": shown,
            "sort": shown,
            "columns": shown,
            "archived": shown,
            "after": shown,
            "node": shown,
        }
        for url in ("/n/ALPHA/risks/", "/api/v1/risks", "/search/", "/palette"):
            answers.append((value, client.get(url, query_)))
        answers.append(
            (value, client.get("/n/ALPHA/risks/export.csv", {k: query_[k] for k in ("q", "sort", "columns")}))
        )
        for url, name in (
            ("changes/", "since"),
            ("pulse", "seen"),
            ("risks/new", "title"),
            ("risks/new", "owner"),
        ):
            answers.append((value, client.get(f"/n/ALPHA/{url}", {name: shown})))
    assert not broken(answers), broken(answers)


def test_every_kind_of_field_compares_with_anything(town: Town):
    """Asked of the query language itself, down to the database: a value is understood or explained."""
    actor, seen = town.actor("owner"), set()
    for register in registers():
        for name, spec in query.names(register).items():
            if (spec.kind, spec.null, spec.unit) in seen:
                continue
            seen.add((spec.kind, spec.null, spec.unit))
            for value in NASTY:
                for op in (":", ">", "<=", "!="):
                    quoted = value.replace('"', "")
                    parsed = query.parse(f'{name}{op}"{quoted}"', register)
                    rows = query.apply(
                        register.model.objects.filter(node=town.alpha.node), parsed, register, actor
                    )
                    assert parsed.problems or list(rows[:1]) is not None


def test_a_kind_takes_a_value_or_says_why_not(town: Town):
    """Every kind of field, with text and with what JSON can carry: a value or a sentence, nothing else."""
    wild = [
        *NASTY,
        *range(-1, 2),
        10**30,
        -(10**400),
        1e308,
        float("inf"),
        float("nan"),
        True,
        [],
        ["a"],
        {},
        {"a": 1},
    ]
    for name, kind in KINDS.items():
        for spec in (Field("x", "x", name, max_length=50, decimals=2), Field("x", "x", name)):
            for raw in wild:
                try:
                    value = kind.clean(raw, spec)
                except Bad as bad:
                    assert str(bad)
                else:
                    if isinstance(value, str):
                        value.encode()
                        assert "\x00" not in value


def test_a_place_in_a_list_cannot_be_made_up(town: Town):
    """The token of the next page is ours or it is ignored: tampered with, of another sort, or of another register."""
    actor, register = town.actor("owner"), get("risks")
    for n in range(4):
        made(register, town.alpha.node, actor, title=f"title {n}")
    rows = register.model.objects.filter(node=town.alpha.node)

    def ordered(sort: str) -> Any:
        return query.order(rows, sort, register)[0]

    begun = page_of(ordered("title"), "title", register, "", 2)
    first, after = begun.rows, begun.following
    second = page_of(ordered("title"), "title", register, after, 2).rows
    assert not {r.pk for r in first} & {r.pk for r in second}
    whole = [
        [1, 1],
        ["x", "y"],
        [{}, 1],
        [None, None],
        [1e999, 1],
        [float("nan"), 2**70],
        "x",
        1,
        None,
        [[[[1]]]],
    ]
    forged = [base64.urlsafe_b64encode(json.dumps(v).encode()).decode() for v in whole]
    for token in (*forged, *NASTY, after[:-1], after[1:], after.swapcase(), after + "x"):
        assert page_of(ordered("title"), "title", register, token, 2).rows == first
    for sort in ("due", "-title", "number", "probability", "owner", "shared"):
        start = page_of(ordered(sort), sort, register, "", 2).rows
        assert page_of(ordered(sort), sort, register, after, 2).rows == start
    other = get("decisions")
    found = query.order(other.model.objects.filter(node=town.alpha.node), "title", other)[0]
    assert page_of(found, "title", other, after, 2).rows == list(found[:2])


@pytest.mark.parametrize("slug", [r.slug for r in registers()])
def test_no_form_breaks_on_what_is_typed(town: Town, slug):
    """Every editable field of every register, one nasty value after the other, through the door of the API."""
    client, register = town.client("owner"), get(slug)
    record = town.alpha.hidden[slug]
    url = f"/api/v1/{slug}/{record.pk}"
    answers = []
    # A kind behaves alike everywhere: each is asked in the first register that has it.
    tried = {f.kind for r in registers()[: registers().index(register)] for f in r.editable.values()}
    one_of_a_kind = {f.kind: name for name, f in register.editable.items() if f.kind not in tried}
    for name in one_of_a_kind.values():
        for value in [*NASTY, 10**30, 1.5, True, None, [], {}, [1, {}], {"a": []}]:
            body = json.dumps({name: value, "version": 1})
            answers.append(((name, value), client.patch(url, body, content_type="application/json")))
    assert not broken(answers), broken(answers)


def test_no_address_breaks_on_what_it_names(town: Town):
    client = town.client("owner")
    big = "9" * 30
    urls = [f"/n/{k}/" for k in ("%00", "%2e%2e", "a" * 300, "ALPHA%00", "%ED%A0%80", "ALPHA%0a", "²")]
    urls += [
        f"/n/ALPHA/risks/{ref}/"
        for ref in ("R-999999999", "R-9999999999", "T-1", "R-0", "R-00001", "r-1", "R-%C2%B2", "X-1")
    ]
    urls += [f"/n/ALPHA/{part}" for part in (
        f"evidence/{big}/", f"import/{big}/", f"import/job/{big}/", f"packs/{big}.pdf", "packs/1.exe", "packs/1.to_pdf",
        f"risks/R-1/files/{big}", "risks/R-1/cell/nothing", "risks/R-1/cell/custom.nothing", "risks/R-1/cell/__class__",
        "risks/R-1/cell/custom.", "nothing/", "__class__/", "%00/",
    )]  # fmt: skip
    urls += [f"/api/v1/risks/{n}" for n in (big, "0", "-1", "1.5", "x", "%00")]
    urls += [f"/api/v1/risks?limit={n}" for n in ("0", "501", big, "-1", "x", "")]
    urls += [
        f"/account/tokens/{big}/revoke",
        "/static/%00",
        "/static/../settings.py",
        "/%00",
        "/sign-in/?next=%00",
        "//",
        "/n//",
    ]
    answers = [(url, client.get(url)) for url in urls]
    posts = (f"risks/R-1/unlink/{big}", "risks/undo/nothing", f"import/job/{big}/apply")
    answers += [(url, client.post(f"/n/ALPHA/{url}")) for url in posts]
    assert not broken(answers), broken(answers)
    assert all(answer.status_code in {200, 301, 302, 400, 404, 405, 422} for _url, answer in answers)


def test_no_form_of_the_site_breaks(town: Town):
    client, told = town.client("owner"), head()
    forms = {
        "/account/": {"name": "N", "language": "en", "timezone": "UTC", "password": "", "current": ""},
        "/account/tokens": {"name": "", "scope": "read", "days": "1"},
        "/n/ALPHA/people/grant": {"email": "a@example.org", "name": "", "role": "x"},
        "/n/ALPHA/people/revoke": {"user": ""},
        "/n/ALPHA/people/link": {"user": ""},
        "/n/ALPHA/settings/": {
            "version": "x",
            "start": "x",
            "committed_finish": "",
            "budget": "",
            "currency": "x",
        },
        "/n/ALPHA/packs/build": {"kind": "x", "language": "x"},
        "/n/ALPHA/risks/bulk": {"field": "x", "value": "", "ref": "", "version": "", "sure": "1"},
        "/n/ALPHA/risks/R-1/link": {"to": "", "kind": "x"},
        "/n/ALPHA/risks/R-1/edit": {"version": "x", "reason": "", "owner": "x"},
        "/n/ALPHA/risks/R-1/resolve": {"version": "x", "pick.title": "yours", "yours.title": ""},
        "/n/ALPHA/risks/R-1/archive": {"version": "x"},
        "/n/ALPHA/import/": {"file": "x"},
        "/n/ALPHA/risks/R-1/attach": {"file": "x"},
    }
    answers = []
    for url, form in forms.items():
        for name in form:
            for value in ("\x00", "²", "9" * 30, "9" * 5000, "-1", "x" * 300, "\u202e", "[]"):
                answers.append(((url, name, value), client.post(url, form | {name: value})))
    anonymous = town.client("anonymous")
    for value in NASTY[:16]:
        shown = value.encode("utf-8", "replace").decode()
        answers.append((value, anonymous.post("/sign-in/", {"email": shown, "password": shown})))
    assert not broken(answers), broken(answers)
    assert head() - told < 20  # an account renamed with a name that is fine, no more


def test_a_new_project_s_key_is_checked(town: Town):
    """A key is part of addresses: what could not be one is refused before it breaks every page that lists it."""
    from steerco.kit import workspace
    from steerco.kit.tree import Role
    from tests.trust.town import SYSTEM

    workspace.grant(SYSTEM, town.root, town.people["manager"], Role.MANAGER)
    client = town.client("manager")
    for key in ("a/b", "a b", "x" * 21, "<b>", "ü", "\x00", ".", "..", "?", "#", "-A", "A%2f"):
        assert (
            client.post("/n/ALL/add/", {"kind": "project", "name": "New", "key": key}).status_code == 400
        ), key
    for key in ("", "OK-1", "b2"):
        assert (
            client.post("/n/ALL/add/", {"kind": "project", "name": "New", "key": key}).status_code == 302
        ), key
    assert client.get("/n/ALL/").status_code == 200


BODIES = (
    b"", b"{", b"null", b"[]", b'"x"', b"1", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000, b'{"ref": null}',
    b'{"ref": {}}', b'{"ref": "\\u0000"}', b'{"ref": "\\ud800"}', b'{"title": NaN}', b'{"version": 1e999}', b'{"version": []}',
    b'{"start": 1e999}', b'{"start": "x"}', b'{"start": true}', b'{"start": -99999999999}', b'{"duration_minutes": {}}',
    b'{"title": {"a": 1}, "version": {"b": []}}', b'{"node": null}', b'{"node": ["ALPHA"]}', b'{"to": 1}', b'{"kind": {}}',
    b'{"text": null}', b'{"text": "\\u0000"}', b"x" * 100, b'{"title": "' + b"x" * 6_000_000 + b'"}',
)  # fmt: skip


def test_no_json_body_breaks(town: Town):
    client, before = town.client("owner"), contents(town.beta.node)
    record = town.alpha.hidden["risks"]
    answers = []
    for body in BODIES:
        for method, url in (
            ("post", "/n/ALPHA/gantt/preview"), ("post", "/n/ALPHA/gantt/move"), ("post", "/api/v1/risks"),
            ("patch", f"/api/v1/risks/{record.pk}"), ("post", f"/api/v1/risks/{record.pk}/links"),
            ("post", f"/api/v1/risks/{record.pk}/comments"), ("delete", f"/api/v1/risks/{record.pk}"),
        ):  # fmt: skip
            answer = getattr(client, method)(url, body, content_type="application/json")
            answers.append(((url, body[:40]), answer))
            assert answer.status_code >= 400 or b"null" in body or method == "delete", (
                url,
                body[:40],
                answer.content[:200],
            )
    assert not broken(answers), broken(answers)
    assert contents(town.beta.node) == before


def test_no_move_on_the_plan_breaks(town: Town):
    """Starts and lengths at the ends of what a whole number of minutes can say, on every kind of item."""
    client, item = town.client("owner"), town.alpha.hidden["work-items"]
    answers = []
    for name in ("start", "duration_minutes"):
        for value in (
            0,
            -1,
            1,
            130_000_000,
            -130_000_000,
            130_000_001,
            59_000_000,
            -36_000_000,
            2**31,
            2**63,
            2**70,
        ):
            for url in ("preview", "move"):
                body = json.dumps({"ref": item.ref, name: value, "version": 1})
                answer = client.post(f"/n/ALPHA/gantt/{url}", body, content_type="application/json")
                answers.append(((url, name, value), answer))
    assert not broken(answers), broken(answers)


@pytest.mark.parametrize(
    "headers",
    [{"If-Match": v} for v in ("x", '"²"', "9" * 5000, "\x00", "*", 'W/"1"', "-1", '"1", "2"')],
    ids=str,
)
def test_no_version_in_a_header_breaks(town: Town, headers):
    record = town.alpha.hidden["risks"]
    answer = town.client("owner").patch(
        f"/api/v1/risks/{record.pk}", {"title": "x"}, content_type="application/json", headers=headers
    )
    assert answer.status_code in {200, 409, 428}


FILES = (
    ("empty.csv", b""), ("nul.csv", b"title\x00,\x00\n\x00\n"), ("lone.csv", b"\xff\xfe\x00"), ("xml.xml", b"<a><b></a>"),
    ("bomb.xml", b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'), ("file.mpp", b"\xd0\xcf\x11\xe0" + b"\x00" * 64),
    ("zip.xlsx", b"PK\x03\x04" + b"\x00" * 40), ("noname", b"x"), ("long.csv", b"a," * 20_000 + b"\n" + b"1," * 20_000),
    ("plan.xer", b"ERMHDR\t1\n%T\tX\n%F\ta\n%R\t"), ("script.html", b"<script>"), ("deep.json", b"[" * 5000),
)  # fmt: skip


def test_no_file_given_to_the_import_breaks_it(town: Town):
    """The wizard answers, the job ends with a sentence, nothing is half there."""
    from steerco.kit.queue import Job

    client, before = town.client("owner"), contents(town.alpha.node)
    told = head()
    for name, body in FILES:
        answer = client.post("/n/ALPHA/import/", {"file": SimpleUploadedFile(name, body)})
        assert answer.status_code == 302, name
        jobs.drain()
        page = client.get(answer["Location"])
        job = Job.objects.order_by("-pk").first()
        assert page.status_code == 200 and job.state == "done", (name, job.message)
        assert job.result.get("refusal") or job.result.get("outcome"), name
    after = contents(town.alpha.node)
    assert head() == told
    assert {m: r for m, r in after.items() if m != "kit.Job"} == {
        m: r for m, r in before.items() if m != "kit.Job"
    }


@pytest.mark.parametrize("kind", ALLOWED)
def test_a_custom_field_of_any_kind_is_written_shown_filtered_and_told(town: Town, kind):
    """What a workspace adds goes through the same doors: no value of it breaks storing, lists, history or the API."""
    register, record = get("risks"), town.alpha.hidden["risks"]
    CustomField.objects.create(
        node=town.alpha.node, register="risks", name="extra", label="Extra", kind=kind, choices=["a", "b"]
    )
    typed = {"choice": "a", "date": "2027-01-04", "boolean": "1", "percent": "60 %"}.get(kind, "12")
    client = town.client("owner")
    write.change(town.actor("owner"), register, record.pk, {"custom.extra": typed}, version=2)
    page = client.get(
        "/n/ALPHA/risks/", {"q": f"custom.extra:{typed.removesuffix(' %')}", "columns": "title,custom.extra"}
    )
    assert page.status_code == 200 and f'data-ref="{record.ref}"' in page.content.decode()
    for url in (f"/n/ALPHA/risks/{record.ref}/", "/n/ALPHA/risks/export.xlsx", f"/api/v1/risks/{record.pk}",
                f"/api/v1/risks/{record.pk}/history", f"/n/ALPHA/risks/{record.ref}/edit"):  # fmt: skip
        assert client.get(url).status_code == 200, url
    extra = custom_fields(register, town.alpha.node)
    rows = register.model.objects.filter(node=town.alpha.node)
    for value in NASTY:
        for op in (":", ">"):
            parsed = query.parse(f'custom.extra{op}"{value}"', register, extra)
            assert list(query.apply(rows, parsed, register, town.actor("owner"), extra)[:1]) is not None
    answer = client.get("/n/ALPHA/risks/", {"q": "custom.extra>"})
    assert answer.status_code == 200
