"""What no committed text may say, and the sentence on every module's door."""

from __future__ import annotations

import ast
import re

# The brackets keep this list from finding itself.
FORBIDDEN = {
    "the address of a package registry": r"files[.]pythonhosted[.]org|pypi[.]org/simple|registry[.]npmjs[.]org",
    "the home of a person": r"(?<![\w.~])/(?:home|Users)/[a-z][\w.-]*/|(?<![\w.~])/roo[t]/",
    "the folder of a machine": r"(?<![\w./>}-])/(?:work|workspace|mnt|builds)/[a-z]",
    "an unfinished marker": r"(?:#|//|/?\*|<!--|\{#)\s*(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b",
    "a key": r"-----BEGIN (?:RSA |EC )?PRIVATE KE[Y]|\bgh[pousr]_[A-Za-z0-9]{30}|\bAKIA[A-Z0-9]{16}\b",
}


def forbidden_words(path: str, text: str) -> list[str]:
    """Complaints about one text."""
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1} names {what}: {match.group()!r}"
        for what, pattern in FORBIDDEN.items()
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
