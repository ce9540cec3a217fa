"""The translations that the page's modules speak with, see static/js/words.js."""

from __future__ import annotations

import json
from functools import cache

from django import template
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.views.i18n import JSONCatalog

register = template.Library()


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
