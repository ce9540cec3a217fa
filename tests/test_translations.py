"""Every sentence for a reader is said in German too, says the same figures, and is compiled as it stands."""

from __future__ import annotations

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.template import Context, Template
from django.utils import translation

from steerco.kit.fields import Field
from steerco.kit.kinds import KINDS, working_time

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "steerco"
SCRIPT = ROOT / "scripts" / "messages.py"

_spec = importlib.util.spec_from_file_location("messages", SCRIPT)
catalogue = importlib.util.module_from_spec(_spec)
sys.modules["messages"] = catalogue
_spec.loader.exec_module(catalogue)

CATALOGUES = catalogue.catalogues()
each_catalogue = pytest.mark.parametrize(
    "path", CATALOGUES, ids=[path.relative_to(PACKAGE).as_posix() for path in CATALOGUES]
)


def placeholders(text: str) -> set[str]:
    """`%(n)s`, `{name}` and `{days:days}`; the format may differ, since German has cases."""
    return set(re.findall(r"%\((\w+)\)[sd]", text)) | set(re.findall(r"\{(\w+)(?::\w+)?\}", text))


@cache
def known(domain: str) -> set[str]:
    return {
        english
        for path in CATALOGUES
        if path.stem == domain
        for message in catalogue.messages(path)
        for english in message.english
    }


def sources(*suffixes: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in suffixes and not set(catalogue.LEFT_OUT) & set(path.relative_to(PACKAGE).parts):
            yield path, path.read_text(encoding="utf-8")


def python_strings(text: str) -> set[str]:
    """What a module marks with gettext or one of its relatives, at whatever name it imports them."""
    if "gettext" not in text:
        return set()
    nodes = list(ast.walk(ast.parse(text)))
    marks = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for alias in node.names
        if "gettext" in alias.name
    }
    calls = [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in marks
    ]
    return {
        given.value
        for call in calls
        for given in call.args[:2]
        if isinstance(given, ast.Constant) and isinstance(given.value, str)
    }


@each_catalogue
def test_every_string_is_translated(path):
    assert [message.english for message in catalogue.messages(path) if not message.complete] == []


@each_catalogue
def test_placeholders_are_the_same_on_both_sides(path):
    for message in catalogue.messages(path):
        for english, german in zip(message.english, message.german):
            assert placeholders(english) == placeholders(german), english
            assert english.count("%%") == german.count("%%"), english


@each_catalogue
def test_the_compiled_catalogue_says_what_its_source_says(path):
    assert catalogue.is_compiled(path)


def test_one_english_text_has_one_german():
    german: dict[str, set[str]] = {}
    for path in CATALOGUES:
        for message in catalogue.messages(path):
            for one, other in zip(message.english, message.german):
                german.setdefault(message.context + one, set()).add(other)
    assert {one: others for one, others in german.items() if len(others) > 1} == {}


def test_every_string_of_the_python_code_is_in_a_catalogue():
    found = {(path.name, text) for path, source in sources(".py") for text in python_strings(source)}
    assert len(found) > 300
    assert [one for one in sorted(found) if one[1] and one[1] not in known("django")] == []


def test_every_string_of_the_templates_is_in_a_catalogue():
    mark = re.compile(r"""\{%\s*trans(?:late)?\s+(?:"([^"]*)"|'([^']*)')""")
    found = {
        (path.name, one or other) for path, source in sources(".html") for one, other in mark.findall(source)
    }
    assert len(found) > 200
    assert [one for one in sorted(found) if one[1] not in known("django")] == []


def test_every_string_of_the_browser_modules_is_in_their_catalogue():
    mark = re.compile(r"""(?<![\w.])t\(\s*"([^"]+)\"""")
    found = {(path.name, text) for path, source in sources(".js") for text in mark.findall(source)}
    assert len(found) > 80
    assert [one for one in sorted(found) if one[1] not in known("djangojs")] == []


def test_the_browser_is_given_the_words_of_the_reader_as_data():
    page = Template("{% load words %}{% script_words %}")
    with translation.override("de"):
        german = page.render(Context())
    with translation.override("en"):
        english = page.render(Context())
    assert german.startswith('<script id="messages" type="application/json">')
    assert '"Undo": "R\\u00fcckg\\u00e4ngig"' in german
    assert english == ""


@pytest.mark.parametrize(
    ("text", "complete", "why"),
    [
        ('msgid "Save"\nmsgstr "Speichern"', True, "one form"),
        ('msgid "Save"\nmsgstr ""', False, "no German"),
        ('#, fuzzy\nmsgid "Save"\nmsgstr "Sichern"', False, "a guess"),
        ('msgid "%(n)s day"\nmsgid_plural "%(n)s days"\nmsgstr[0] "%(n)s Tag"\nmsgstr[1] ""', False, "half a plural"),
    ],
)  # fmt: skip
def test_what_is_not_translated_is_seen(tmp_path, text, complete, why):
    path = tmp_path / "django.po"
    path.write_text(f'msgid ""\nmsgstr "Language: de"\n\n{text}\n', encoding="utf-8")
    assert [message.complete for message in catalogue.messages(path)] == [complete], why


def test_a_stale_compiled_catalogue_is_seen(tmp_path):
    source = next(path for path in CATALOGUES if path.stem == "djangojs")
    copy = tmp_path / source.name
    copy.write_text(
        source.read_text(encoding="utf-8").replace("Rückgängig", "Zurücknehmen"), encoding="utf-8"
    )
    shutil.copy(source.with_suffix(".mo"), copy.with_suffix(".mo"))
    assert not catalogue.is_compiled(copy)


@pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not installed")
@pytest.mark.slow
def test_the_catalogues_are_what_gettext_gathers():
    checked = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_working_time_is_understood_as_it_is_written():
    spec = Field(name="duration", label="duration", kind="minutes")
    for language in ("en", "de"):
        with translation.override(language):
            written = working_time(3 * 480)
            assert KINDS["minutes"].clean(written, spec) == 3 * 480, written
