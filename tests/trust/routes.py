"""Every address of the product as the program has it: out of Django's resolver and out of the API's own description.

Registers share their API operations, so `api:*-read` stands for that operation of each of them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from steerco.kit.register import registers

HERE = Path(__file__).resolve().parent
INVENTORY: dict[str, dict[str, Any]] = tomllib.loads((HERE / "routes.toml").read_text())["routes"]
KEYS = {"methods", "auth", "role", "scope", "csrf", "parser", "outbound"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One address: its name as `reverse` takes it, its pattern, its slots, and the methods the API describes."""

    name: str
    path: str
    slots: tuple[str, ...]
    methods: tuple[str, ...] = ()  # of API operations; pages are asked

    @property
    def entry(self) -> str:
        """Its name in the inventory."""
        return inventory_name(self.name)


def inventory_name(name: str) -> str:
    """`api:api-risks-read` is `api:*-read`; every other name is its own."""
    for register in registers():
        head = f"api:api-{register.slug}-"
        if name.startswith(head):
            return f"api:*-{name.removeprefix(head)}"
    return name


def routes() -> list[Route]:
    """Every named address there is, static files aside."""
    described = _described()
    return [
        Route(name, path, slots, tuple(described.get(name, ())))
        for name, path, slots in _walk(get_resolver())
    ]


def _walk(resolver: Any, prefix: str = "", space: str = "") -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, path, space + (f"{pattern.namespace}:" if pattern.namespace else ""))
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or path}", path, tuple(pattern.pattern.converters)


def _described() -> dict[str, list[str]]:
    """Methods of each API operation by the name of its address."""
    from steerco.site.api import api

    found: dict[str, list[str]] = {}
    for operations in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].values():
        for method, operation in operations.items():
            found.setdefault(_url_name(operation["operationId"]), []).append(method.upper())
    return found


def _url_name(operation_id: str) -> str:
    for register in registers():
        head = f"{register.slug.replace('-', '_')}_"
        if operation_id.startswith(head):
            return f"api:api-{register.slug}-{operation_id.removeprefix(head)}"
    return "api:nodes" if operation_id.endswith("api_nodes") else operation_id
