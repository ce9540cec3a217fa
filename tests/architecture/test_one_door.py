"""Records change through kit/write.py alone: whoever writes past it leaves no history and checks no right."""

from __future__ import annotations

import ast

import pytest

DOOR = "steerco/kit/write.py"
WRITES = {
    "save", "asave", "delete", "adelete", "create", "acreate", "update", "aupdate", "get_or_create", "update_or_create",
    "bulk_create", "bulk_update", "raw_delete",
}  # fmt: skip
ON_ANY_RECEIVER = {"save", "asave", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}

# Modules that may, each with its reason: what they write is not a record of a register.
ALLOWED: dict[str, str] = {
    "steerco/kit/people.py": "accounts are made before anyone can be asked who makes them",
    "steerco/kit/jobs.py": "the queue is machinery: a lease is taken and given back, no person changes it",
    "steerco/kit/tokens.py": "tokens are credentials, not records; who makes and revokes them tells the door",
    "steerco/kit/workspace.py": "nodes and grants, which every right hangs on; it checks and records them itself",
    "steerco/kit/definitions.py": "custom fields describe records and are none; it checks the role and tells the door",
    "steerco/kit/saved_views.py": "how somebody keeps a list, which is no record; it checks the role and tells the door of shared ones",
    "steerco/kit/trail.py": "the history itself, which the door writes",
    "steerco/kit/bulk.py": "writes the rows it is handed by the door and the trail, and no others",
    "steerco/site/first_run.py": "the first sign-in link, before there is anybody to make it",
    "steerco/site/accounts.py": "a person's own account and one-time links, which are no records; it tells the door of changes",
    "steerco/site/example.py": "accounts of invented people, and the wiping of the example with everything in it",
    "steerco/connect/intake.py": "the receipt of an import, written once in the import's own transaction",
    "steerco/status/store.py": "results of calculations, written once beside the records they follow from",
    "steerco/status/results.py": "refuses every save but the first, and says so in its own save",
    "steerco/report/seal.py": "a sealed pack, written once and told to the door",
    "steerco/areas/plan/actions.py": "links, calendars, resources and assignments are no records; it tells the door of them",
}


def writes(module) -> list[tuple[int, str]]:
    """Line and spelling of every write to the database in a module that knows the models."""
    if not any(
        name.split(".")[0] == "django" or name.startswith("steerco.kit") for _line, name in module.imports()
    ):
        return []
    found = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            receiver = ast.unparse(node.func.value)
            if node.func.attr in ON_ANY_RECEIVER or ".objects" in receiver or "_default_manager" in receiver:
                found.append((node.lineno, f"{receiver}.{node.func.attr}(...)"))
    return found


def test_records_are_written_through_the_one_door(product):
    faults = [
        f"{module.path}:{line} {spelling}"
        for module in product
        if module.path != DOOR and module.path not in ALLOWED
        for line, spelling in writes(module)
    ]
    assert faults == []


def test_no_allowance_is_left_over(product):
    writing = {module.path for module in product if writes(module)}
    assert set(ALLOWED) <= writing, f"these write no more: {set(ALLOWED) - writing}"


@pytest.mark.parametrize(
    "source",
    [
        "risk.save()",
        "Risk.objects.create(title='x')",
        "Risk.objects.filter(node=1).update(title='x')",
        "Risk.objects.filter(node=1).delete()",
        "Risk._default_manager.bulk_create(rows)",
    ],
)
def test_a_write_past_the_door_is_found(parse, source):
    assert writes(parse("steerco/areas/raid/actions.py", f"from steerco.kit import write\n{source}"))


def test_writing_a_file_or_a_dictionary_is_no_write_to_the_database(parse):
    module = parse("steerco/report/to_pptx.py", "from pptx import Presentation\nPresentation().save(path)")
    assert writes(module) == []
    assert (
        writes(parse("steerco/kit/x.py", "from django.db import models\nvalues.update(a=1)\npath.delete()"))
        == []
    )
