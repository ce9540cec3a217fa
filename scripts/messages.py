"""Keeps the catalogues of translations: gathers the strings of the code, merges and compiles them.

    ./steer exec python scripts/messages.py            gather, merge, compile, and name what is left to translate
    ./steer exec python scripts/messages.py --check    change nothing; fail when a catalogue is behind the code

English is the source and the key; German is complete. A room with a `locale` folder of its own keeps its strings
there, all other strings are in steerco/locale. Only this script needs GNU gettext (Debian: apt-get install gettext):
compiled catalogues are committed, so that an installation reads them as they are.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gettext
import io
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "steerco"
LANGUAGE = "de"
# Neither libraries of others nor files that no reader sees.
LEFT_OUT = ("tests", "vendor", "migrations", "example", "fonts", "__pycache__")


@dataclass(frozen=True)
class Message:
    """One entry of a catalogue; two strings on each side when it counts something."""

    context: str
    english: tuple[str, ...]
    german: tuple[str, ...]
    fuzzy: bool

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two entries the same message."""
        return (self.context, *self.english)

    @property
    def complete(self) -> bool:
        """Translated, in every form, by decision and not by guess."""
        return not self.fuzzy and len(self.german) == len(self.english) and all(self.german)


def messages(path: Path) -> list[Message]:
    """All living entries of a .po file, without its header; the file may be absent."""
    if not path.exists():
        return []
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        texts: dict[str, str] = {}
        fuzzy, name = False, ""
        for line in block.splitlines():
            if line.startswith("#"):
                fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            elif parts := re.match(r'(msg[a-z_]+(?:\[\d])?) (".*")$', line):
                name = parts[1]
                texts[name] = ast.literal_eval(parts[2])
            elif line.startswith('"'):
                texts[name] += ast.literal_eval(line)
        if texts.get("msgid"):
            english = [texts[name] for name in ("msgid", "msgid_plural") if name in texts]
            german = [text for name, text in sorted(texts.items()) if name.startswith("msgstr")]
            found.append(Message(texts.get("msgctxt", ""), tuple(english), tuple(german), fuzzy))
    return found


def is_compiled(path: Path) -> bool:
    """Whether the .mo beside a .po says exactly what the .po says."""
    compiled = path.with_suffix(".mo")
    if not compiled.exists():
        return False
    with compiled.open("rb") as file:
        known = dict(gettext.GNUTranslations(file)._catalog)  # type: ignore[attr-defined]
    known.pop("", None)
    wanted: dict[object, str] = {}
    for message in messages(path):
        key = f"{message.context}\x04{message.english[0]}" if message.context else message.english[0]
        if not message.complete:
            continue
        if len(message.english) == 1:
            wanted[key] = message.german[0]
        else:
            wanted |= {(key, number): text for number, text in enumerate(message.german)}
    return known == wanted


def catalogues(package: Path = PACKAGE) -> list[Path]:
    """The .po files of a package, those of libraries left out."""
    return sorted(package.rglob(f"locale/{LANGUAGE}/LC_MESSAGES/*.po"))


@dataclass
class Report:
    """What is wrong with the catalogues, one line each."""

    lines: list[str] = field(default_factory=list)

    def judge(self, path: Path, gathered: Path | None = None) -> None:
        """Adds what is wrong with one .po: alone, and against what the code says now."""
        name = path.relative_to(PACKAGE.parent)
        here = {message.key: message for message in messages(path)}
        self.lines += [f"{name}: not translated: {key[1]!r}" for key, one in here.items() if not one.complete]
        if not is_compiled(path):
            self.lines.append(f"{name}: its .mo is stale")
        if gathered:
            now = {message.key for message in messages(gathered)}
            self.lines += [f"{name}: missing: {key[1]!r}" for key in sorted(now - here.keys())]
            self.lines += [f"{name}: no longer in the code: {key[1]!r}" for key in sorted(here.keys() - now)]


@contextlib.contextmanager
def gathered() -> Iterator[Path]:
    """A copy of the package whose catalogues hold the strings of the code as it is now.

    Django's command leaves files beside templates while it works; in a copy they meet nobody else.
    """
    from django.conf import settings
    from django.core.management import call_command
    from django.core.management.commands import makemessages

    class Gather(makemessages.Command):
        """Django's own, which also knows t() of words.js and never guesses a translation."""

        # `_t` is gettext in the registers, beside `_` for the lazy one.
        xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=t", "--keyword=_t"]
        msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

        def write_po_file(self, potfile: str, locale: str) -> None:
            # "80 % confidence" reads as a placeholder to xgettext; ours have names.
            template = Path(potfile)
            blocks = template.read_text(encoding="utf-8").split("\n\n")
            plain = [one if "%(" in one else one.replace("#, python-format\n", "") for one in blocks]
            template.write_text("\n\n".join(plain), encoding="utf-8")
            super().write_po_file(potfile, locale)

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve() / "steerco"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (copy / "locale").mkdir(exist_ok=True)
        if not settings.configured:
            settings.configure(LOCALE_PATHS=[str(copy / "locale")])
        with contextlib.chdir(copy):
            for domain in ("django", "djangojs"):
                options = {"locale": [LANGUAGE], "domain": domain, "no_obsolete": True, "no_wrap": True}
                call_command(Gather(stdout=io.StringIO()), add_location="file", verbosity=1, **options)
        for path in catalogues(copy):
            _without_dates(path)
        yield copy


def _without_dates(path: Path) -> None:
    # The time of a run is no news, and would make every run a change.
    text = path.read_text(encoding="utf-8")
    header = '# German texts.\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    header += '"Content-Transfer-Encoding: 8bit\\n"\n"Language: de\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    _, _, rest = text.partition("\n\n")
    path.write_text(f"{header}\n{rest}", encoding="utf-8")


def main() -> int:
    """0 when every catalogue fits the code and is complete, 1 when not, 2 when gettext is not installed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing, name what is behind")
    check = parser.parse_args().check
    if not shutil.which("xgettext") or not shutil.which("msgfmt"):
        print("messages: GNU gettext is not installed (Debian: apt-get install gettext).", file=sys.stderr)
        return 2
    report = Report()
    with gathered() as copy:
        for source in catalogues(copy):
            path = PACKAGE / source.relative_to(copy)
            if not check:
                path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, path)
                compile_one = ["msgfmt", "--check-format", "-o", str(path.with_suffix(".mo")), str(path)]
                subprocess.run(compile_one, check=True)  # noqa: S603 - the command is written here
            report.judge(path, source)
    for line in report.lines:
        print(line)
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main())
