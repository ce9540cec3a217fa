"""What no committed text may say, and the sentence on every module's door."""

from __future__ import annotations

import ast
import re

# In pieces, so that this list does not find itself.
FORBIDDEN = {
    "the address of a package registry": r"files\.python" + r"hosted\.org|pypi\.org/" + r"simple|registry\.npm" + r"js\.org|--(?:extra-)?index" + r"-url",
    "the home of a person": r"(?<![\w.])/(?:home|Users)/(?!you\b|steerco\b)[a-z][\w.-]*/|(?<![\w.~])/root" + r"/",
    "the folder of a machine": r"(?<![\w./])/work" + r"/|/tmp/brief" + r"|/opt/py" + r"pi",
    "an unfinished marker": r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b",
    "a key": r"-----BEGIN (?:RSA |EC )?PRIVATE" + r" KEY|\bgh[pousr]_[A-Za-z0-9]{30}|\bAKIA[A-Z0-9]{16}\b",
}  # fmt: skip
ALLOWED = {
    ("steer", "the address of a package registry"): "tells the lock compiler to leave addresses out",
}


def forbidden_words(path: str, text: str) -> list[str]:
    """Complaints about one text."""
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1} names {what}: {match.group()!r}"
        for what, pattern in FORBIDDEN.items()
        if (path, what) not in ALLOWED
        for match in re.finditer(pattern, text)
    ]


def test_no_committed_text_names_a_registry_a_machine_or_a_key(committed):
    assert committed
    assert [complaint for path, text in committed.items() for complaint in forbidden_words(path, text)] == []


def test_a_planted_address_is_found():
    found = forbidden_words(
        "docs/x.md", "first line\nsee /root" + "/notes and https://pypi.org/" + "simple/django"
    )
    assert [complaint.split(" names ")[0] for complaint in found] == ["docs/x.md:2", "docs/x.md:2"]
    assert (
        forbidden_words("docs/x.md", "see steerco/root/urls.py, https://example.org/work/items and /rooted")
        == []
    )


def test_no_allowance_is_left_over(committed):
    for path, what in ALLOWED:
        assert re.search(FORBIDDEN[what], committed[path]), (
            f"{path} no longer names {what}: drop its allowance"
        )


def door(tree: ast.Module) -> str | None:
    """What is wrong with the first line of a module's docstring; None when it is a sentence."""
    docstring = ast.get_docstring(tree)
    if not docstring:
        return "has no docstring"
    # A sentence may run over two lines; the paragraph has to be one.
    first = docstring.strip().split("\n\n")[0].split("\n    ")[0].strip()
    if not first.rstrip('"”»)').endswith((".", "!", "?", ":")):
        return f"opens with no sentence: {first[:60]!r}"
    return None


def test_every_module_opens_with_a_sentence(modules):
    empty = {module.path for module in modules if not module.tree.body}
    wrong = [
        f"{module.path} {fault}"
        for module in modules
        if module.path not in empty and (fault := door(module.tree))
    ]
    assert wrong == []


def test_a_module_without_a_sentence_is_found():
    assert door(ast.parse("x = 1")) == "has no docstring"
    assert door(ast.parse('"""utils"""')) is not None
    assert door(ast.parse('"""Working calendars."""')) is None
