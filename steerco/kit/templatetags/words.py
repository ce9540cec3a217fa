"""Words for a reader: the translations that static/js/words.js speaks with, and what counted things are called."""

from __future__ import annotations

import json
from functools import cache

from django import template
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.i18n import JSONCatalog

from steerco.kit import register as registers

register = template.Library()

# What a plan has beside the records of its registers.
PARTS_OF_A_PLAN = {
    "calendars": _("calendars"),
    "links": _("links"),
    "resources": _("resources"),
    "assignments": _("assignments"),
}


@cache
def catalogue(language: str) -> dict[str, str]:
    """English text to the text in a language, for all that static/js says; empty for English itself."""
    request = HttpRequest()
    request.method = "GET"
    with translation.override(language):
        answer = JSONCatalog.as_view(packages=["steerco.kit"])(request)
    assert isinstance(answer, HttpResponse)
    words: dict[str, str] = json.loads(answer.content)["catalog"]
    return words


@register.simple_tag
def script_words() -> SafeString | str:
    """The catalogue of the reader's language as data that no policy has to allow; nothing where English is spoken."""
    words = catalogue(translation.get_language() or "en")
    return json_script(words, "messages") if words else ""


@register.filter
def counted(slug: str) -> str:
    """What a count of an import counts: a register's records, or a part of the plan."""
    found = registers.find(slug)
    return capfirst(str(found.nouns if found else PARTS_OF_A_PLAN.get(slug, slug)))
