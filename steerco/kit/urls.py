"""Addresses of registers: `/n/<workspace>/<register>/<reference>/...`."""

from django.urls import path, register_converter

from steerco.kit.pages import lists, records, views


class Ref:
    """`R-12`."""

    regex = r"[A-Za-z]{1,6}-[0-9]{1,9}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


class FieldName:
    """A field's name, or `custom.<name>`."""

    regex = r"[a-z_0-9.\-]{1,60}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Ref, "ref")
register_converter(FieldName, "field")

AT = "n/<slug:key>/<slug:slug>/"
ONE = f"{AT}<ref:ref>/"

urlpatterns = [
    path(AT, lists.register_list, name="register"),
    path(f"{AT}export.csv", lists.export, {"suffix": "csv"}, name="export-csv"),
    path(f"{AT}export.xlsx", lists.export, {"suffix": "xlsx"}, name="export-xlsx"),
    path(f"{AT}bulk", lists.bulk, name="bulk"),
    path(f"{AT}views", views.save, name="view-save"),
    path(f"{AT}views/<int:view_id>", views.change, name="view-change"),
    path(f"{AT}views/<int:view_id>/remove", views.remove, name="view-remove"),
    path(f"{AT}new", records.record_new, name="record-new"),
    path(f"{AT}undo/<slug:batch>", records.undo, name="undo"),
    path(ONE, records.record_page, name="record"),
    path(f"{ONE}peek", records.peek, name="peek"),
    path(f"{ONE}row", records.row, name="row"),
    path(f"{ONE}edit", records.record_edit, name="record-edit"),
    path(f"{ONE}resolve", records.settle, name="resolve"),
    path(f"{ONE}cell/<field:field>", records.cell, name="cell"),
    path(f"{ONE}archive", records.shelve, {"verb": "archive"}, name="archive"),
    path(f"{ONE}restore", records.shelve, {"verb": "restore"}, name="restore"),
    path(f"{ONE}comment", records.comment, name="comment"),
    path(f"{ONE}link", records.link, name="link"),
    path(f"{ONE}unlink/<int:link_id>", records.unlink, name="unlink"),
    path(f"{ONE}attach", records.attach, name="attach"),
    path(f"{ONE}files/<int:file_id>", records.download, name="download"),
]
