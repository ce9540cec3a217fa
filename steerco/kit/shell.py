"""What every page's frame needs: the tree the reader may see, the areas of the current node, where we are."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    return {}
