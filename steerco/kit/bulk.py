"""Thousands of new rows at once: made from one mould, written by one statement.

Django prepares every column of every row by itself, which costs most of an import of 100,000 rows. Here what all rows
share is prepared once, and only what differs is prepared per row. The database checks the same constraints either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.base import ModelState

FEW = 20  # below this Django's own way is as quick


class Mould:
    """Unsaved rows of one model that share the given values; a row is an ordinary instance."""

    def __init__(self, model: type[models.Model], **shared: Any) -> None:
        self.model = model
        self._first = model(**shared)
        values = {name: value for name, value in self._first.__dict__.items() if name != "_state"}
        self._plain = {n: v for n, v in values.items() if not isinstance(v, (list, dict))}
        self._own = {n: type(v) for n, v in values.items() if isinstance(v, (list, dict)) and not v}
        self._plain |= {n: v for n, v in values.items() if isinstance(v, (list, dict)) and v}

    def row(self) -> Any:
        """A new instance with the shared values; lists and dictionaries are its own."""
        row = self.model.__new__(self.model)
        row.__dict__.update(self._plain)
        for name, kind in self._own.items():
            row.__dict__[name] = kind()
        state = row._state = ModelState()
        state.fields_cache = dict(self._first._state.fields_cache)
        return row

    def insert(self, rows: Sequence[Any]) -> None:
        """Write the rows and give them their ids. Must run inside a transaction."""
        if len(rows) < FEW:
            self.model._default_manager.bulk_create(rows)
            return
        key = self.model._meta.pk
        assert key is not None
        if rows[0].pk is None:
            for row, pk in zip(rows, _reserve_ids(self.model, len(rows)), strict=True):
                row.pk = pk
        columns = [f for f in self.model._meta.local_concrete_fields if not f.generated]
        shared = [self._first.__dict__.get(f.attname) for f in columns]
        prepared = [f.get_db_prep_save(value, connection) for f, value in zip(columns, shared, strict=True)]
        plan = [
            (f.attname, value, ready, _preparer(f))
            for f, value, ready in zip(columns, shared, prepared, strict=True)
        ]
        quote = connection.ops.quote_name
        names = ", ".join(quote(str(f.column)) for f in columns)
        places = ", ".join(["%s"] * len(columns))
        # Names come from the model, values go as parameters.
        statement = f"INSERT INTO {quote(self.model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.executemany(
                statement,
                [
                    [
                        ready if (value := values[attname]) is same else prepare(value)
                        for attname, same, ready, prepare in plan
                    ]
                    for values in (row.__dict__ for row in rows)
                ],
            )
        for row in rows:
            row._state.adding, row._state.db = False, connection.alias


def update(model: type[models.Model], names: Sequence[str], rows: Mapping[int, Sequence[Any]]) -> None:
    """Set the named columns of the rows with these ids. Must run inside a transaction.

    `bulk_update` writes one CASE per row and column, which costs most of a large calculation; here it is one prepared
    statement, run once per row.
    """
    columns: list[Any] = [model._meta.get_field(name) for name in names]
    quote = connection.ops.quote_name
    places = ", ".join(f"{quote(column.column)} = %s" for column in columns)
    table, key = quote(model._meta.db_table), quote("id")
    # Names come from the model, values go as parameters.
    statement = f"UPDATE {table} SET {places} WHERE {key} = %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.executemany(
            statement,
            [
                [*(c.get_db_prep_save(v, connection) for c, v in zip(columns, values, strict=True)), pk]
                for pk, values in rows.items()
            ],
        )


def _preparer(column: models.Field[Any, Any]) -> Callable[[Any], Any]:
    """How a column's value is handed to the database; text and whole numbers go as they are."""
    if isinstance(column, (models.CharField, models.TextField)):
        return lambda value: value if type(value) is str else column.get_db_prep_save(value, connection)
    if isinstance(column, (models.IntegerField, models.AutoField, models.ForeignKey)):
        return lambda value: value if type(value) is int else column.get_db_prep_save(value, connection)
    return lambda value: column.get_db_prep_save(value, connection)


def _reserve_ids(model: type[models.Model], how_many: int) -> Sequence[int]:
    """Ids that nobody else can get: from the sequence, or after the last one of the one writer SQLite lets in."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [table, how_many],
            )
            return [pk for (pk,) in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        last = (cursor.fetchone() or [0])[0]
    return range(last + 1, last + 1 + how_many)
