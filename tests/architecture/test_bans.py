"""Calls and imports that have no place here, each exception with its reason beside it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

CODE = "runs data as code"
SHELL = "goes through a shell; use subprocess with a list"
OBJECTS = "makes objects from data"
SQL = "writes SQL by hand"
NETWORK = "opens connections past the safe opener, the one place that refuses private addresses"
XML = "reads XML that may expand entities until memory ends; use the guarded opener or defusedxml"

BUILT_IN = dict.fromkeys(("eval", "exec", "compile", "__import__"), CODE)
BY_LAST_NAME = {
    "mark_safe": "turns escaping off",
    "SafeString": "turns escaping off",
    "RawSQL": SQL,
    "extra": SQL,
}
BY_TWO_NAMES = {
    "os.system": SHELL,
    "os.popen": SHELL,
    "objects.raw": SQL,
    "yaml.load": OBJECTS,
    "yaml.load_all": OBJECTS,
    "yaml.full_load": OBJECTS,
    "yaml.unsafe_load": OBJECTS,
}
IMPORTS = {
    **dict.fromkeys(("pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle"), OBJECTS),
    **dict.fromkeys(
        ("socket", "ssl", "ftplib", "imaplib", "poplib", "smtplib", "telnetlib", "xmlrpc"), NETWORK
    ),
    **dict.fromkeys(("http.client", "urllib.request", "urllib3", "requests", "httpx", "aiohttp"), NETWORK),
    **dict.fromkeys(("websockets", "ldap", "paramiko", "asyncio.open_connection"), NETWORK),
    **dict.fromkeys(("xml.etree", "xml.sax", "xml.dom", "xml.parsers", "lxml", "xmltodict", "bs4"), XML),
}
# The names in them that neither parse nor connect.
HARMLESS = {"xml.etree.ElementTree.Element", "xml.etree.ElementTree.tostring", "xml.sax.saxutils.escape"}

# (module, what): why this one may. An exception that nobody needs any more fails the test below.
ALLOWED: dict[tuple[str, str], str] = {
    ("steerco/report/slides/canvas.py", "lxml"): "builds the markup of a slide and reads none",
    ("steerco/report/slides/master.py", "lxml"): "builds markup; what it parses is its own text",
    ("steerco/report/slides/native_chart.py", "lxml"): "builds the markup of a chart and reads none",
    (
        "steerco/connect/safe_open.py",
        "xml.etree",
    ): "is the guarded opener: it refuses entities before the tree is built",
    (
        "steerco/connect/safe_open.py",
        "xml.parsers",
    ): "is the guarded opener: it refuses entities by expat's own handlers",
}


def banned(module) -> list[tuple[str, str]]:
    """What a module does that is banned: (name of the ban, complaint with line and reason)."""
    found = [
        (name, f"{module.path}:{line} imports {imported}: {why}")
        for line, imported in module.imports()
        for name, why in IMPORTS.items()
        if (imported == name or imported.startswith(name + ".")) and imported not in HARMLESS
    ]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            found += [(name, f"{module.path}:{node.lineno} {complaint}") for name, complaint in _calls(node)]
    return found


def _calls(node: ast.Call) -> Iterator[tuple[str, str]]:
    called = _dotted(node.func)
    names = called.split(".")
    for name, table in ((called, BUILT_IN), (names[-1], BY_LAST_NAME), (".".join(names[-2:]), BY_TWO_NAMES)):
        if name in table:
            yield name, f"calls {called}: {table[name]}"
    for keyword in node.keywords:
        if keyword.arg == "shell" and getattr(keyword.value, "value", None) is not False:
            yield "shell=True", f"calls {called} with a shell: {SHELL}"


def _dotted(node: ast.expr) -> str:
    """`a.b().c` as "a.b.c"; the empty string where a name is computed."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return _dotted(node.func) if isinstance(node, ast.Call) else ""


def test_nothing_banned_is_called_or_imported(product):
    faults = [
        complaint
        for module in product
        for name, complaint in banned(module)
        if (module.path, name) not in ALLOWED
    ]
    assert faults == []


def test_no_exception_is_left_over_or_without_a_reason(product):
    used = {(module.path, name) for module in product for name, _complaint in banned(module)}
    assert set(ALLOWED) <= used, f"nobody needs these any more: {set(ALLOWED) - used}"
    assert all(len(reason) > 15 for reason in ALLOWED.values())


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("eval(text)", "eval"),
        ("exec(text)", "exec"),
        ("import pickle", "pickle"),
        ("from pickle import loads", "pickle"),
        ("import yaml\nyaml.load(text)", "yaml.load"),
        ("import subprocess\nsubprocess.run(text, shell=True)", "shell=True"),
        ("subprocess.run(text, shell=flag)", "shell=True"),
        ("from django.utils.safestring import mark_safe\nmark_safe(text)", "mark_safe"),
        ("import os\nos.system(text)", "os.system"),
        ("from django.utils import safestring\nsafestring.mark_safe(text)", "mark_safe"),
        ("Risk.objects.raw(text)", "objects.raw"),
        ("Risk.objects.filter(a=1).extra(where=[text])", "extra"),
        ("RawSQL(text, [])", "RawSQL"),
        ("import socket", "socket"),
        ("from urllib import request", "urllib.request"),
        ("import urllib.request as web", "urllib.request"),
        ("from http import client", "http.client"),
        ("from xml.etree import ElementTree", "xml.etree"),
        ("from xml.etree.ElementTree import Element, fromstring", "xml.etree"),
        ("import lxml.etree", "lxml"),
    ],
)
def test_a_planted_fault_is_found(parse, source, name):
    assert name in {found for found, _complaint in banned(parse("steerco/planted.py", source))}


@pytest.mark.parametrize(
    "source",
    [
        "import re\nre.compile('a')",
        "from urllib.parse import urlsplit",
        "import defusedxml.ElementTree",
        "from xml.etree.ElementTree import Element",
        "yaml.safe_load(text)",
        "subprocess.run([program], shell=False)",
        "self.evaluate(text)",
        "self.raw(row)",
        "logger.info('x', extra={})",
    ],
)
def test_what_is_harmless_stays_allowed(parse, source):
    assert banned(parse("steerco/planted.py", source)) == []


UNSAFE_TEMPLATE = re.compile(r"\|\s*safe(?:seq)?\b|\{%\s*autoescape\s+off")


def test_no_template_turns_escaping_off():
    texts = [*(ROOT / "steerco").rglob("*.html"), *(ROOT / "steerco").rglob("*.txt")]
    faults = [
        str(path.relative_to(ROOT))
        for path in texts
        if UNSAFE_TEMPLATE.search(path.read_text(encoding="utf-8"))
    ]
    assert faults == []
    assert UNSAFE_TEMPLATE.search("{{ note|safe }}") and UNSAFE_TEMPLATE.search("{% autoescape off %}")
