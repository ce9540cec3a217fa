"""Office files that come out the same every time: fixed clock in the archive and in the document's properties."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from io import BytesIO

EPOCH = (1980, 1, 1, 0, 0, 0)  # what Excel itself writes; zip archives know no earlier moment
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:\2>)")


def instant(moment: datetime) -> datetime:
    """The moment in UTC to the second; a wall-clock moment counts as UTC."""
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return aware.replace(microsecond=0)


def steady(archive: bytes, moment: datetime) -> bytes:
    """The same Office archive with entries dated 1980 and its properties, embedded workbooks' too, dated `moment`."""
    stamp = instant(moment).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(archive)) as source,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename.endswith(".xlsx"):
                content = steady(content, moment)
            if entry.filename == "docProps/core.xml":
                content = _STAMP.sub(rb"\g<1>" + stamp + rb"\g<3>", content)
            info = zipfile.ZipInfo(entry.filename, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            info.create_system = 3
            target.writestr(info, content)
    return out.getvalue()
