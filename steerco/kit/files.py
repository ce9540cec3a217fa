"""Bytes of attached files: kept under their SHA-256 outside the web root, served only as downloads."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.utils.translation import gettext as _

from steerco.kit.attached import File
from steerco.kit.refusals import Invalid, Missing


@dataclass(frozen=True, slots=True)
class Stored:
    """What was kept: a harmless name, the size in bytes, the hash it lies under."""

    name: str
    size: int
    sha256: str


def path_of(sha256: str) -> Path:
    """Where the bytes of a hash lie."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise Missing
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256


def harmless(name: str) -> str:
    """A file name without folders, control characters or a leading dot."""
    name = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", "_", name.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .")
    return name[-255:] or "file"


def store(upload: UploadedFile[Any]) -> Stored:
    """Keep an upload: written aside, synced, then renamed to its hash, so a crash leaves nothing half. Raises Invalid.

    The row that names the file comes after; a file without a row is an orphan that `sweep` removes.
    """
    limit = settings.UPLOAD_LIMIT
    if upload.size is None or upload.size > limit:
        raise Invalid({"file": _("is larger than %(mb)d MB") % {"mb": limit // 1024 // 1024}})
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = root / f".{secrets.token_hex(16)}"
    digest, size = hashlib.sha256(), 0
    try:
        with aside.open("xb") as out:
            for chunk in upload.chunks():
                size += len(chunk)
                if size > limit:
                    raise Invalid({"file": _("is larger than %(mb)d MB") % {"mb": limit // 1024 // 1024}})
                digest.update(chunk)
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        final = path_of(digest.hexdigest())
        final.parent.mkdir(exist_ok=True, mode=0o700)
        aside.replace(final)
    finally:
        aside.unlink(missing_ok=True)
    return Stored(harmless(upload.name or "file"), size, digest.hexdigest())


def serve(found: File) -> FileResponse:
    """The file as a download that no browser runs."""
    path = path_of(found.sha256)
    if not path.exists():
        raise Missing
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=found.name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def sweep(older_than_seconds: float, now: float) -> int:
    """Remove files no row names that are older than this; the number removed."""
    known = set(File.objects.values_list("sha256", flat=True))
    removed = 0
    for path in Path(settings.FILES_ROOT).glob("*/*"):
        if path.name not in known and now - path.stat().st_mtime > older_than_seconds:
            path.unlink()
            removed += 1
    return removed
