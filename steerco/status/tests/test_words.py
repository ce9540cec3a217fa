"""Everything the status and report rooms say is said in German too, with the same figures in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOMS = Path(__file__).resolve().parents[2]


def entries(room):
    """(English, German) of every message of a room, the plural forms one by one."""
    text = (ROOMS / room / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    for block in text.split("\n\n")[1:]:
        parts = dict.fromkeys(("msgid", "msgid_plural", "msgstr", "msgstr[0]", "msgstr[1]"), "")
        name = ""
        for line in block.splitlines():
            if found := re.match(r'(msgid_plural|msgid|msgstr\[\d]|msgstr) "(.*)"$', line):
                name = found[1]
                parts[name] += found[2]
            elif line.startswith('"') and name:
                parts[name] += line[1:-1]
        yield parts["msgid"], parts["msgstr"] or parts["msgstr[0]"]
        if parts["msgid_plural"]:
            yield parts["msgid_plural"], parts["msgstr[1]"]


@pytest.mark.parametrize("room", ["status", "report"])
def test_every_message_is_translated_with_its_figures(room):
    found = list(entries(room))
    assert len(found) > 80
    for english, german in found:
        assert german, english
        for pattern in (r"{(\w+)", r"%\((\w+)\)"):
            assert set(re.findall(pattern, english)) == set(re.findall(pattern, german)), english


def test_the_compiled_words_are_those_of_the_source():
    from django.utils import translation

    with translation.override("de"):
        for room in ("status", "report"):
            wrong = [
                english
                for english, german in entries(room)
                if "%(n)d" not in english
                and not english.startswith("One ")
                and translation.gettext(english) != german
            ]
            # A word of the kit or of Django itself may win where both have it; the sentences are ours alone.
            assert [text for text in wrong if len(text) > 25] == []
