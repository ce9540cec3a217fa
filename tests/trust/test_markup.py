"""What people type stays text: no page, part of a page or pack grows an element, an attribute or a script from it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from steerco.kit import files, workspace, write
from steerco.kit.people import User
from steerco.kit.register import get, registers
from steerco.report import seal
from steerco.report.weekly import gather
from steerco.status.recompute import recompute
from tests.trust.town import NOW, SYSTEM, Town, contents, everything

PWN = "pwn"
CORPUS = (
    f"<script>{PWN}(1)</script>",
    f"<img src=x onerror={PWN}(2)>",
    f'"><svg onload={PWN}(3)>',
    f"' onmouseover='{PWN}(4)' x='",
    f'" autofocus onfocus="{PWN}(5)',
    f"</title></textarea></script><script>{PWN}(6)</script>",
    f"javascript:{PWN}(7)",
    f"{{{{ {PWN} }}}}{{% load {PWN} %}}",
    f"<!--><script>{PWN}(8)</script-->",
    f"</json><script id={PWN}>",
    f"&lt;script&gt;{PWN}(9)&lt;/script&gt;",
    f"`${{{PWN}(10)}}`\u2028\\u003cscript\\u003e",
)
TYPED = " ".join(CORPUS)


@dataclass
class Page(HTMLParser):
    """Elements of a page, with what of the corpus became markup."""

    scripts: list[dict[str, str]] = field(default_factory=list)
    grown: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open_script: dict[str, str] | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name, value in given.items():
            if (
                name.startswith("on")
                or PWN in name
                or (name in {"href", "src", "action"} and ":" in value.split("/")[0])
            ):
                self.grown.append(f"<{tag} {name}={value!r}>")
        if PWN in tag or (
            tag in {"script", "svg", "img", "iframe", "object", "embed", "base"} and PWN in str(given)
        ):
            self.grown.append(f"<{tag} {given}>")
        if tag == "script":
            self.open_script = given
            self.scripts.append(given)
        if tag == "style" or "style" in given:
            self.grown.append(f"<{tag} style>: the policy of the page would not apply it")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self.open_script = None

    def handle_data(self, data: str) -> None:
        if self.open_script is None:
            self.texts.append(data)
        elif data.strip() and self.open_script.get("type") != "application/json":
            self.grown.append(f"script with text: {data[:60]}")
        elif data.strip():
            json.loads(data)


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


@pytest.fixture
def typed(town: Town) -> Iterator[tuple[Town, Any]]:
    """Everything a person can type holds the corpus: titles, names, tags, fields, comments, reasons, file names."""
    owner = town.people["owner"]
    User.objects.filter(pk=owner.pk).update(name=TYPED[:200])
    owner.refresh_from_db()
    node = workspace.change_node(
        SYSTEM, town.alpha.node, {"name": TYPED[:200], "sponsor": TYPED[:120], "stage": TYPED[:80], "description": TYPED},
        version=town.alpha.node.version,
    )  # fmt: skip
    actor = town.actor("owner")
    for register in registers():
        record = register.model.objects.get(pk=town.alpha.hidden[register.slug].pk)
        texts = {n: s for n, s in register.editable.items() if s.kind in {"text", "long_text"}}
        fields = {n: TYPED[: s.max_length or 2000] for n, s in texts.items()} | {
            "tags": [c[:60] for c in CORPUS]
        }
        with write.door(actor, reason=TYPED) as opened:
            opened.change(register, record.pk, fields | {"custom.note": TYPED}, version=record.version)
            opened.comment(register, record.pk, TYPED)
            kept = files.store(
                SimpleUploadedFile(f"a{CORPUS[1]}.html", TYPED.encode(), content_type="text/html")
            )
            opened.attach(register, record.pk, f"{CORPUS[1]}{CORPUS[3]}.svg", kept.size, kept.sha256)
    yield town, node
    User.objects.filter(pk=owner.pk).update(name="Owner")
    owner.refresh_from_db()


def test_no_page_grows_markup_from_what_was_typed(typed):
    town, node = typed
    recompute(node.pk, now=NOW)
    client = town.client("owner")
    urls = [
        "/", "/my/", "/account/", "/n/ALL/", "/n/ALPHA/", "/n/ALPHA/pulse", "/n/ALPHA/changes/", "/n/ALPHA/evidence/",
        "/n/ALPHA/forecast/", "/n/ALPHA/settings/", "/n/ALPHA/people/", "/n/ALPHA/gantt/", "/n/ALPHA/import/",
        "/n/ALPHA/packs/", f"/n/ALPHA/import/{town.alpha.ids['run_id']}/", "/n/NOTHING/",
    ]  # fmt: skip
    for register in registers():
        at = f"/n/ALPHA/{register.slug}/"
        ref = town.alpha.hidden[register.slug].ref
        columns = ",".join([*register.editable, "custom.note"])
        urls += [
            f"{at}?columns={columns}",
            f"{at}{ref}/",
            f"{at}{ref}/edit",
            f"{at}{ref}/peek",
            f"{at}{ref}/row",
            f"{at}new",
        ]
        urls += [f"{at}{ref}/cell/{name}" for name in ("title", "tags", "owner")]
    seen = 0
    for url in urls:
        answer = client.get(url, follow=True)
        text = everything(answer)
        page = read(answer.content.decode())
        assert not page.grown, (url, page.grown[:3])
        assert all(s.get("src", "/static/").startswith("/static/") for s in page.scripts), url
        seen += PWN in text
    assert seen > len(urls) / 2  # the corpus was on most of them, as text


def test_what_is_asked_for_comes_back_as_text(town: Town):
    """Reflected input: searches, filters, sorts, drafts and errors."""
    client = town.client("owner")
    for text in CORPUS:
        for url, query in (
            ("/search/", {"q": text}),
            ("/n/ALPHA/risks/", {"q": text, "sort": text, "columns": text, "after": text, "archived": text}),
            ("/n/ALPHA/risks/", {"q": f"status:{text} {text}:x"}),
            ("/n/ALPHA/risks/new", {"title": text, "description": text, "owner": text}),
            ("/n/ALPHA/risks/R-1/cell/title", {"columns": text}),
            ("/n/ALPHA/pulse", {"seen": text}),
            ("/n/ALPHA/changes/", {"since": text}),
        ):
            page = read(client.get(url, query).content.decode())
            assert not page.grown, (url, query, page.grown[:3])
    for url, data in (
        ("/sign-in/", {"email": TYPED, "password": "x"}),
        ("/account/", {"name": TYPED, "language": TYPED, "timezone": TYPED}),
        ("/account/tokens", {"name": TYPED, "scope": TYPED, "days": TYPED}),
        ("/n/ALPHA/people/grant", {"email": TYPED, "name": TYPED, "role": TYPED}),
        ("/n/ALPHA/risks/new", {"title": TYPED, "status": TYPED, "probability": TYPED, "owner": TYPED}),
        ("/n/ALPHA/risks/R-1/link", {"to": TYPED, "kind": TYPED}),
        ("/n/ALPHA/risks/R-1/cell/probability", {"probability": TYPED, "version": "2"}),
        ("/n/ALPHA/risks/bulk", {"field": "status", "value": TYPED, "ref": "R-1", "version": "2"}),
        ("/n/ALPHA/settings/", {"name": TYPED, "start": TYPED, "budget": TYPED, "version": TYPED}),
    ):
        reader = town.client("anonymous") if url == "/sign-in/" else client
        page = read(reader.post(url, data).content.decode())
        assert not page.grown, (url, page.grown[:3])


def test_a_conflict_shows_both_texts_as_text(town: Town):
    client, record = town.client("owner"), town.alpha.hidden["risks"]
    write.change(town.actor("manager"), get("risks"), record.pk, {"title": CORPUS[0]}, version=2)
    answer = client.post(f"/n/ALPHA/risks/{record.ref}/edit", {"title": CORPUS[1], "version": "2"})
    assert answer.status_code == 409
    page = read(answer.content.decode())
    assert not page.grown and PWN in " ".join(page.texts)


def test_a_pack_is_text_too(typed):
    """The HTML report opens from a disk, where no policy of ours protects it."""
    town, node = typed
    actor = town.actor("owner")
    recompute(node.pk, now=NOW)
    kept = seal.keep(actor, node, gather(actor, node, now=NOW, language="en", base_url="http://testserver"))
    answer = town.client("owner").get(f"/n/ALPHA/packs/{kept.pk}.html")
    text = answer.content.decode()
    assert PWN in text
    page = read(text)
    links_home = "href='http://testserver/n/ALPHA/"
    grown = [g for g in page.grown if not g.startswith("<style style>") and links_home not in g]
    assert not grown, grown[:3]
    assert not page.scripts
    assert answer["Content-Disposition"].startswith("attachment;")


def test_the_plan_s_data_is_json_and_says_so(typed):
    town, _node = typed
    answer = town.client("owner").get("/n/ALPHA/gantt.json")
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert any(PWN in str(item) for item in answer.json()["items"])


UPLOADS = (
    ("page.html", b"<script>pwn()</script>", "text/html"),
    ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='pwn()'/>", "image/svg+xml"),
    ("script.js", b"pwn()", "text/javascript"),
    (
        "feed.xml",
        b"<?xml version='1.0'?><x xmlns='http://www.w3.org/1999/xhtml'><script/></x>",
        "application/xml",
    ),
    ("lie.png", b"<html><script>pwn()</script>", "image/png"),
    ("both.gif", b"GIF89a/*<svg/onload=pwn()>*/=1;", "image/gif"),
    ("../../etc/passwd", b"root", "text/plain"),
    ("..\\..\\boot.ini", b"x", "text/plain"),
    ("a\r\nSet-Cookie: pwn=1.txt", b"x", "text/plain"),
    ('quo"te;filename=evil.html', b"x", "text/plain"),
    ("ünï\u202egpj.exe", b"x", "application/octet-stream"),
    ("." * 300, b"x", "text/plain"),
    ("n" * 400 + ".txt", b"x", "text/plain"),
    ("nothing.bin", b"", "application/octet-stream"),
)


def test_an_upload_comes_back_as_a_harmless_download(town: Town, settings: Any):
    from steerco.kit.attached import File

    client, record = town.client("owner"), town.alpha.hidden["risks"]
    for name, body, kind in UPLOADS:
        upload = io.BytesIO(body)
        upload.name, upload.content_type = name, kind
        answer = client.post(f"/n/ALPHA/risks/{record.ref}/attach", {"file": upload})
        assert answer.status_code in {302, 400}, name
        if answer.status_code == 400:
            continue
        kept = File.objects.order_by("-pk").first()
        assert not re.search(r"[/\\\x00-\x1f:]", kept.name) and 0 < len(kept.name) <= 255, name
        got = client.get(f"/n/ALPHA/risks/{record.ref}/files/{kept.pk}")
        assert got["Content-Type"] == "application/octet-stream"
        assert got["Content-Disposition"].startswith("attachment")
        assert got["X-Content-Type-Options"] == "nosniff"
        assert got["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert b"".join(got.streaming_content) == body
    assert contents(town.beta.node)


def test_an_upload_past_the_limit_is_refused_and_leaves_nothing(town: Town, settings: Any):
    from pathlib import Path

    settings.UPLOAD_LIMIT = 100
    before = set(Path(settings.FILES_ROOT).rglob("*"))
    upload = SimpleUploadedFile("large.bin", b"x" * 101)
    record = town.alpha.hidden["risks"]
    answer = town.client("owner").post(f"/n/ALPHA/risks/{record.ref}/attach", {"file": upload})
    assert answer.status_code == 400
    assert set(Path(settings.FILES_ROOT).rglob("*")) == before
