"""What a list is asked to show, by its address or by a saved view, and the addresses that ask for something else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils.http import urlencode

from steerco.kit import grouping, saved_views
from steerco.kit.attached import SavedView
from steerco.kit.fields import Field, whole
from steerco.kit.pages.common import Place
from steerco.kit.refusals import Missing
from steerco.kit.saved_views import SHOWS


@dataclass(frozen=True, slots=True)
class Asked:
    """A list's query, sort, columns (`a,b`; empty: the register's), grouping, shelf; and the view this began with."""

    q: str = ""
    sort: str = ""
    columns: str = ""
    group: str = ""
    archived: str = ""
    view: SavedView | None = None

    @property
    def shows(self) -> dict[str, str]:
        """What a saved view would keep of it."""
        return {key: getattr(self, key) for key in SHOWS if getattr(self, key)}

    @property
    def is_changed(self) -> bool:
        """True where a view was opened and something else was asked for since."""
        return self.view is not None and self.shows != _known(self.view)

    def link(self, **changes: str) -> str:
        """The address of the same list with something else asked for; short where a view says it all."""
        other = replace(self, **changes)  # type: ignore[arg-type]
        begun = [("view", str(other.view.pk))] if other.view else []
        if other.view and not other.is_changed:
            return "?" + urlencode(begun)
        # With nothing else asked for, an empty query says that no view is meant, not even the one that opens first.
        return "?" + urlencode([*begun, *(other.shows or {"q": ""}).items()])

    def plain(self, **more: str) -> str:
        """The same without naming the view: for exports and for the next rows."""
        return urlencode(self.shows | more)


def asked_for(request: HttpRequest, here: Place, *, opens: bool = False) -> Asked:
    """What the address asks for; with `opens`, an address that asks for nothing gets the view the list opens with.

    Names that are none of the register's are left out. Raises Missing for a view that is not there for the reader.
    """
    given = request.GET
    says = any(key in given for key in (*SHOWS, "column", "after"))
    view = None
    if number := given.get("view", ""):
        view = next((v for v in here.views if v.pk == whole(number)), None)
        if view is None:
            raise Missing
    elif opens and not says and "view" not in given:
        view = saved_views.first(here.views, here.actor, here.node)
    if view is not None and not says:
        shows = _known(view)
    else:
        shows = {key: given.get(key, "") for key in SHOWS}
        shows["columns"] = ",".join([*given.get("columns", "").split(","), *given.getlist("column")])
    known = here.register.all_fields | here.extra
    columns = dict.fromkeys(name for name in shows.get("columns", "").split(",") if name in known)
    group = shows.get("group", "")
    return Asked(
        q=shows.get("q", ""),
        sort=shows.get("sort", ""),
        columns=",".join(columns),
        group=group if group in grouping.groupable(here.register, here.node) else "",
        archived="1" if shows.get("archived") == "1" else "",
        view=view,
    )


def columns_of(asked: Asked, here: Place) -> list[Field]:
    """The columns asked for, else the register's."""
    known = here.register.all_fields | here.extra
    if asked.columns:
        return [known[name] for name in asked.columns.split(",")]
    return [*here.register.list_columns, *here.extra.values()]


def _known(view: SavedView) -> dict[str, str]:
    return {key: str(view.shows[key]) for key in SHOWS if view.shows.get(key)}
