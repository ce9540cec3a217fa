"""Backup and restore: one checked archive of database and files, put back only when every byte of it is right.

The archive is a gzipped tar: manifest.json first, then the database (a SQLite file, or pg_dump's custom format), then
the attached files under their SHA-256. The manifest names release, migrations, row counts, head of the trail and the
checksum of every other member. Signing keys are not in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from steerco import __version__
from steerco.kit import trail
from steerco.kit.tree import Node

FORMAT = 1
MANIFEST = "manifest.json"
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
LARGEST_MANIFEST = 64 * 1024 * 1024
CHUNK = 1 << 20
Progress = Callable[[int, int], None]


class BackupRefused(Exception):
    """A backup or a restore that was not done. Nothing was changed; `remedy` says what to do."""

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.text, self.remedy = text, remedy

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. `checksums` maps each member to (SHA-256, size)."""

    format: int
    release: str
    made_at: str
    vendor: str
    migrations: tuple[str, ...]
    rows: Mapping[str, int]
    trail_seq: int
    trail_head: str
    files: int
    lost_files: tuple[str, ...]  # rows name them, but their bytes are gone or damaged
    checksums: Mapping[str, tuple[str, int]]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without the checksums, for people and scripts."""
        return {name: value for name, value in asdict(self).items() if name != "checksums"}


def quiet(_done: int, _total: int) -> None:
    """Progress that nobody watches."""


def make(path: Path, *, progress: Progress = quiet) -> Manifest:
    """Write an archive of everything as it is at one moment; others may go on working.

    It is written aside, read back and compared, and only then gets its name. Raises BackupRefused.
    """
    path = path.absolute()
    if not path.parent.is_dir():
        raise BackupRefused(f"There is no folder {path.parent}.", "Make it, or name another file.")
    with tempfile.TemporaryDirectory(prefix=".steerco-backup-", dir=path.parent) as folder:
        copy = Path(folder) / DATABASES[connection.vendor]
        rows, seq, head = _copy_sqlite(copy) if connection.vendor == "sqlite" else _dump_postgres(copy)
        files, lost = _stored_files()
        checksums = {copy.name: (_sha256(copy), copy.stat().st_size)}
        checksums |= {f"files/{sha}": (sha, size) for sha, size in files.items()}
        manifest = Manifest(
            FORMAT, __version__, timezone.now().isoformat(timespec="seconds"), connection.vendor,
            tuple(_applied()), rows, seq, head, len(files), tuple(lost), checksums,
        )  # fmt: skip
        aside = Path(folder) / "archive"
        _room_for(aside.parent, sum(size for _sha, size in checksums.values()))
        _pack(aside, manifest, copy, progress)
        with _reading(aside) as (_found, members):
            for _name, stream in members:
                while stream.read(CHUNK):
                    pass
        aside.chmod(0o600)
        aside.replace(path)
    _sync(path.parent)
    return manifest


def restore(path: Path, *, force: bool = False, progress: Progress = quiet) -> Manifest:
    """Put an archive back. What is here stays untouched unless the archive is whole, ours, and not of a newer release.

    Raises BackupRefused. With `force`, data that is here is replaced; a SQLite file is moved aside, not deleted.
    """
    if not path.is_file():
        raise BackupRefused(f"There is no file {path}.", "Check the path.")
    home = Path(settings.FILES_ROOT).parent
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (
        tempfile.TemporaryDirectory(prefix=".steerco-restore-", dir=home) as folder,
        _reading(path) as (
            manifest,
            members,
        ),
    ):
        _acceptable(manifest, force)
        _room_for(home, sum(size for _sha, size in manifest.checksums.values()))
        total = len(manifest.checksums)
        for done, (name, stream) in enumerate(members, 1):
            target = Path(folder) / name.rpartition("/")[2]
            with target.open("xb") as out:
                shutil.copyfileobj(stream, out, CHUNK)
                out.flush()
                os.fsync(out.fileno())
            progress(done, total + 1)
        database = Path(folder) / DATABASES[manifest.vendor]
        if manifest.vendor == "sqlite":
            _swap_sqlite(database, manifest)
        else:
            _load_postgres(database, manifest)
        _put_files(Path(folder), manifest)
        progress(total + 1, total + 1)
    return manifest


# -- the archive -------------------------------------------------------------------------------------------------------


def _pack(aside: Path, manifest: Manifest, database: Path, progress: Progress) -> None:
    root = Path(settings.FILES_ROOT)
    with aside.open("xb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=6, format=tarfile.PAX_FORMAT) as archive:
            text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
            _add(archive, MANIFEST, len(text), io.BytesIO(text))
            for done, (name, (sha, size)) in enumerate(manifest.checksums.items(), 1):
                source = database if name == database.name else root / sha[:2] / sha
                with source.open("rb") as stream:
                    _add(archive, name, size, stream)
                progress(done, len(manifest.checksums))
        raw.flush()
        os.fsync(raw.fileno())


def _add(archive: tarfile.TarFile, name: str, size: int, stream: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    archive.addfile(member, stream)


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[tuple[Manifest, Iterator[tuple[str, IO[bytes]]]]]:
    """The manifest and the checked members of an archive, one after the other. Raises BackupRefused for any fault."""
    damaged = BackupRefused(f"{path.name} is damaged or no backup of Steerco.", "Use another backup.")
    try:
        with tarfile.open(path, mode="r|gz") as archive:
            first = archive.next()
            stream = (
                archive.extractfile(first) if first and first.name == MANIFEST and first.isreg() else None
            )
            if first is None or stream is None or first.size > LARGEST_MANIFEST:
                raise damaged
            manifest = _manifest(stream.read())
            yield manifest, _members(archive, manifest, path.name)
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise damaged from error


def _manifest(data: bytes) -> Manifest:
    told = json.loads(data)
    if told["format"] != FORMAT:
        raise BackupRefused(
            f"The backup has the format {told['format']}, this release reads {FORMAT}.",
            "Upgrade Steerco first.",
        )
    told["checksums"] = {str(n): (str(sha), int(size)) for n, (sha, size) in told["checksums"].items()}
    for name in ("migrations", "lost_files"):
        told[name] = tuple(told[name])
    manifest = Manifest(**told)
    for name, (sha, _size) in manifest.checksums.items():
        # The only names there may be: nothing in an archive decides where it is written.
        if name != DATABASES[manifest.vendor] and name != f"files/{sha}":
            raise ValueError(f"{name} has no place in a backup")
        if len(sha) != 64 or not set(sha) <= set("0123456789abcdef"):
            raise ValueError(f"{sha} is no SHA-256")
    return manifest


def _members(archive: tarfile.TarFile, manifest: Manifest, called: str) -> Iterator[tuple[str, IO[bytes]]]:
    waiting = dict(manifest.checksums)
    while (member := archive.next()) is not None:  # iterating would begin with the manifest again
        sha, size = waiting.pop(member.name, ("", -1))
        stream = archive.extractfile(member) if member.isreg() and member.size == size else None
        if stream is None:
            raise BackupRefused(
                f"{called} holds something its manifest does not name.", "Use another backup."
            )
        checked = _Checked(stream)
        yield member.name, checked  # type: ignore[misc]
        if checked.sha256() != sha:
            raise BackupRefused(
                f"{called} is damaged: {member.name} is not what was written.", "Use another backup."
            )
    if waiting:
        raise BackupRefused(
            f"{called} is cut off: {len(waiting)} of its parts are missing.", "Use another backup."
        )


class _Checked:
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self._stream.read(size)
        self._digest.update(part)
        return part

    def sha256(self) -> str:
        while self.read(CHUNK):
            pass
        return self._digest.hexdigest()


# -- SQLite ------------------------------------------------------------------------------------------------------------


def _copy_sqlite(copy: Path) -> tuple[dict[str, int], int, str]:
    """A consistent copy by SQLite's online backup, checked and synced; its row counts and its end of the trail."""
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(copy)) as target:
        connection.connection.backup(target, pages=2000)
        target.execute("PRAGMA journal_mode=DELETE")
        said = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise BackupRefused(
                f"The database is damaged ({said}); it was not backed up.", "Restore the last backup."
            )
        counted = _counted(target)
    with copy.open("rb") as stream:
        os.fsync(stream.fileno())
    return counted


def _counted(database: sqlite3.Connection) -> tuple[dict[str, int], int, str]:
    tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {
        name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - names of the schema
        for name in sorted(tables)
        if not name.startswith("sqlite_")
    }
    head = (
        database.execute("SELECT seq, hash FROM kit_head WHERE id = 1").fetchone()
        if "kit_head" in rows
        else None
    )
    return rows, *(head or (0, trail.GENESIS))


def _swap_sqlite(restored: Path, manifest: Manifest) -> None:
    with contextlib.closing(sqlite3.connect(restored)) as database:
        said = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok" or _counted(database) != (
            dict(manifest.rows),
            manifest.trail_seq,
            manifest.trail_head,
        ):
            raise BackupRefused(
                "The database in the backup is not the one its manifest describes.", "Use another backup."
            )
    place = Path(str(connection.settings_dict["NAME"]))
    connection.close()
    before = place.with_name(f"{place.name}.before-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    moved = [
        (place.with_name(place.name + end), before.with_name(before.name + end))
        for end in ("", "-wal", "-shm")
    ]
    moved = [(here, there) for here, there in moved if here.exists()]
    for here, there in moved:
        here.replace(there)
    try:
        restored.replace(place)
        _sync(place.parent)
        _bring_up(manifest)
    except BaseException:
        connection.close()
        for end in ("", "-wal", "-shm"):
            place.with_name(place.name + end).unlink(missing_ok=True)
        for here, there in moved:
            there.replace(here)
        raise


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


def _dump_postgres(copy: Path) -> tuple[dict[str, int], int, str]:
    """pg_dump of one snapshot, counted in the same snapshot."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        _postgres("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={copy}")
        quote = connection.ops.quote_name
        rows = {}
        for name in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {quote(name)}")  # noqa: S608 - names of the schema
            rows[name] = cursor.fetchone()[0]
        head = trail.Head.objects.filter(pk=1).first()
    with copy.open("rb") as stream:
        os.fsync(stream.fileno())
    return rows, head.seq if head else 0, head.hash if head else trail.GENESIS


def _load_postgres(dump: Path, manifest: Manifest) -> None:
    name = str(connection.settings_dict["NAME"])
    connection.close()
    _postgres(
        "pg_restore", "--single-transaction", "--exit-on-error", "--clean", "--if-exists", "--no-owner", f"--dbname={name}",
        str(dump),
    )  # fmt: skip
    _bring_up(manifest)


def _postgres(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupRefused(
            f"{program} is not on the PATH.",
            "Install the PostgreSQL client tools of the server's version (Debian: apt-get install postgresql-client).",
        )
    told = connection.settings_dict
    named = {
        "PGHOST": "HOST",
        "PGPORT": "PORT",
        "PGUSER": "USER",
        "PGPASSWORD": "PASSWORD",
        "PGDATABASE": "NAME",
    }
    environment = {**os.environ, **{n: str(told[key]) for n, key in named.items() if told.get(key)}}
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise BackupRefused(
            f"{program} failed: {last[:300]}.", "Check the server, its version and your rights."
        )


# -- both --------------------------------------------------------------------------------------------------------------


def _applied() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def _acceptable(manifest: Manifest, force: bool) -> None:
    if manifest.vendor != connection.vendor:
        raise BackupRefused(
            f"The backup is of {manifest.vendor}, but {connection.vendor} is configured here.",
            "Set STEERCO_DATABASE_URL to a PostgreSQL database."
            if manifest.vendor == "postgresql"
            else "Unset STEERCO_DATABASE_URL.",
        )
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations} | {
        f"{a}.{n}" for a, n in loader.replacements
    }
    if newer := [name for name in manifest.migrations if name not in known]:
        raise BackupRefused(
            f"The backup is of a newer release ({manifest.release}; this one does not know {newer[0]}).",
            f"Install Steerco {manifest.release} or newer first.",
        )
    if not force and _holds_something():
        raise BackupRefused(
            "There is data here already.", "Restore into an empty home, or replace what is here with --force."
        )


def _holds_something() -> bool:
    tables = set(connection.introspection.table_names())
    return trail.Change._meta.db_table in tables and (trail.Change.objects.exists() or Node.objects.exists())


def _bring_up(manifest: Manifest) -> None:
    """Migrate what an older release left, and walk the trail to the head the manifest names."""
    call_command("migrate", verbosity=0, interactive=False, skip_checks=True)
    for step in trail.verify(manifest.trail_head if manifest.trail_seq else ""):
        if isinstance(step, trail.Fault):
            raise BackupRefused(f"The trail in the backup does not hold: {step.text}", "Use another backup.")


def _stored_files() -> tuple[dict[str, int], list[str]]:
    """Size by hash of every file that a row names, and the hashes whose bytes are gone or damaged."""
    from steerco.kit.attached import File

    root = Path(settings.FILES_ROOT)
    sizes: dict[str, int] = {}
    lost = []
    for sha in File.objects.order_by("sha256").values_list("sha256", flat=True).distinct().iterator():
        path = root / sha[:2] / sha
        if path.is_file() and _sha256(path) == sha:
            sizes[sha] = path.stat().st_size
        else:
            lost.append(sha)
    return sizes, lost


def _put_files(folder: Path, manifest: Manifest) -> None:
    root = Path(settings.FILES_ROOT)
    for name, (sha, _size) in manifest.checksums.items():
        if name.startswith("files/"):
            place = root / sha[:2] / sha
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / sha).replace(place)


def _room_for(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < size + 32 * CHUNK:
        raise BackupRefused(
            f"{size // CHUNK + 1} MB are needed in {folder.parent}, {free // CHUNK} MB are free.",
            "Free some disk space.",
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
