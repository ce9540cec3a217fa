"""Where figures come from: full links when the pack knows its server, numbered references when it doesn't."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from steerco.report import words


def link(base_url: str, address: str, *, absolute: bool = False) -> str | None:
    """The full address of evidence, or None where it can't be one: no base, or not http, https or relative.

    `absolute` leaves out relative addresses too: they lead nowhere from a file that was mailed.
    """
    address = words.clean(address)
    is_full = address.startswith(("https://", "http://"))
    if not address or not (base_url or is_full):
        return None
    full = address if is_full else words.clean(base_url).rstrip("/") + "/" + address.lstrip("/")
    try:
        parts = urlsplit(full)
    except ValueError:
        return None
    if parts.scheme not in ("", "http", "https") or len(full) > 2000 or not full.isprintable():
        return None
    if any(mark in full for mark in " <>\"'`\\{}|^") or (parts.scheme and not parts.hostname):
        return None
    if not parts.scheme and (absolute or parts.netloc):
        return None
    return full


@dataclass
class References:
    """Numbers the addresses that can't be links, in order of appearance, for a list at the end."""

    base_url: str
    absolute: bool = False
    addresses: list[str] = field(default_factory=list)

    def cite(self, address: str) -> tuple[str | None, int | None]:
        """(link, None), or (None, number) where it has to be looked up, or (None, None) without evidence."""
        address = words.clean(address)
        if not address:
            return None, None
        full = link(self.base_url, address, absolute=self.absolute)
        if full:
            return full, None
        if address not in self.addresses:
            self.addresses.append(address)
        return None, self.addresses.index(address) + 1
