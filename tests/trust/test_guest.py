"""What a guest of Alpha sees: records marked as shared, and of those what they are now; nothing computed, nothing said."""

from __future__ import annotations

import csv
import io

from steerco.kit.register import registers
from tests.trust.town import HIDDEN_MARK, Town, everything, leak


def test_lists_exports_api_and_counts_hold_shared_records_only(town: Town):
    guest = town.client("guest")
    home = everything(guest.get("/n/ALPHA/"))
    for register in registers():
        shared = town.alpha.shared[register.slug].ref
        listed = guest.get(f"/api/v1/{register.slug}").json()["items"]
        assert [item["ref"] for item in listed] == [shared]
        page = everything(guest.get(f"/n/ALPHA/{register.slug}/"))
        assert f'data-ref="{shared}"' in page and page.count("data-ref=") == 1
        rows = csv.reader(io.StringIO(everything(guest.get(f"/n/ALPHA/{register.slug}/export.csv"))))
        assert [row[0] for row in rows if row and row[0].startswith(f"{register.prefix}-")] == [shared]
        assert f'/n/ALPHA/{register.slug}/"><h2>' in home
    assert home.count('<p class="muted">1</p>') == len(registers())


def test_an_archived_record_that_was_shared_is_readable_only_in_the_archive(town: Town):
    """Archiving takes a record off the guest's lists; it stays findable where archived ones are, and only if shared."""
    guest, record = town.client("guest"), town.alpha.shared["risks"]
    town.client("owner").post(f"/n/ALPHA/risks/{record.ref}/archive", {"version": "3"})
    assert guest.get("/api/v1/risks").json()["items"] == []
    archived = guest.get("/n/ALPHA/risks/?archived=1")
    assert record.ref in everything(archived)
    assert not leak(archived, HIDDEN_MARK)


def test_a_link_to_a_hidden_record_is_not_shown_from_its_shared_end(town: Town):
    record = town.alpha.shared["risks"]
    guest, owner = town.client("guest"), town.client("owner")
    hidden = town.alpha.hidden["work-items"].ref
    assert hidden in everything(owner.get(f"/n/ALPHA/risks/{record.ref}/"))
    for url in (f"/n/ALPHA/risks/{record.ref}/", f"/n/ALPHA/risks/{record.ref}/peek"):
        assert hidden not in everything(guest.get(url))
    assert guest.get(f"/api/v1/risks/{record.pk}/links").json() == []


def test_a_shared_item_does_not_name_the_hidden_one_it_is_part_of(town: Town):
    item, parent = town.alpha.shared["work-items"], town.alpha.hidden["work-items"]
    guest, owner = town.client("guest"), town.client("owner")
    urls = (
        f"/n/ALPHA/work-items/{item.ref}/", f"/n/ALPHA/work-items/{item.ref}/peek", f"/api/v1/work-items/{item.pk}",
        "/n/ALPHA/work-items/?columns=title,parent", "/n/ALPHA/work-items/export.csv?columns=title,parent",
        f"/n/ALPHA/work-items/{item.ref}/row?columns=title,parent", "/api/v1/work-items", "/api/v1/work-items?node=ALPHA",
    )  # fmt: skip
    for url in urls:
        assert parent.ref in everything(owner.get(url)), url
        assert parent.ref not in everything(guest.get(url)), url


def test_a_shared_item_names_the_shared_one_it_is_part_of(town: Town):
    """The rule above hides what is hidden, not every reference."""
    parent = town.alpha.hidden["work-items"]
    town.client("owner").post(
        f"/n/ALPHA/work-items/{parent.ref}/edit", {"version": "1", "shared": "1", "_boxes": "shared"}
    )
    item = town.alpha.shared["work-items"]
    assert town.client("guest").get(f"/api/v1/work-items/{item.pk}").json()["parent"] == parent.ref


def test_what_the_team_says_and_how_a_record_came_about_is_not_for_guests(town: Town):
    """Comments and history stay with readers: both may hold what was there before the record was shared."""
    record = town.alpha.shared["risks"]
    guest, reader = town.client("guest"), town.client("reader")
    for url in (f"/n/ALPHA/risks/{record.ref}/", f"/n/ALPHA/risks/{record.ref}/peek"):
        assert leak(reader.get(url), f"{HIDDEN_MARK} before sharing")
        assert not leak(guest.get(url), HIDDEN_MARK)
    for part in ("history", "comments"):
        assert leak(reader.get(f"/api/v1/risks/{record.pk}/{part}"), HIDDEN_MARK)
        assert guest.get(f"/api/v1/risks/{record.pk}/{part}").status_code == 404


def test_a_file_of_a_shared_record_is_shared_with_it(town: Town):
    guest, record = town.client("guest"), town.alpha.shared["risks"]
    url = f"/n/ALPHA/risks/{record.ref}/files/{town.alpha.ids[f'file:{record.ref}']}"
    assert guest.get(url).status_code == 200
    other = town.alpha.hidden["risks"]
    swapped = f"/n/ALPHA/risks/{record.ref}/files/{town.alpha.ids[f'file:{other.ref}']}"
    assert guest.get(swapped).status_code == 404


def test_a_guest_learns_who_owns_a_record_but_no_address(town: Town):
    guest, owner = town.client("guest"), town.client("owner")
    url = "/n/ALPHA/risks/export.csv?columns=title,owner"
    assert "owner@example.org" in everything(owner.get(url))
    told = everything(guest.get(url))
    assert "Owner" in told and "@example.org" not in told


def test_nothing_computed_reaches_a_guest(town: Town):
    guest = town.client("guest")
    ids = town.alpha.ids
    for path in (
        "forecast/", "evidence/", f"evidence/{ids['reading_id']}/", "pulse", "changes/", "gantt/", "gantt.json", "packs/",
        f"packs/{ids['pack_id']}.html", "import/", f"import/{ids['run_id']}/", f"import/job/{ids['job_id']}/", "people/",
        "settings/",
    ):  # fmt: skip
        assert guest.get(f"/n/ALPHA/{path}").status_code == 404, path


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(town: Town):
    reader = town.client("reader")
    assert reader.get("/n/ALPHA/risks/R-1/").status_code == 200
    town.client("owner").post("/n/ALPHA/people/revoke", {"user": town.people["reader"].pk})
    assert reader.get("/n/ALPHA/risks/R-1/").status_code == 404
    assert reader.get("/api/v1/risks").json()["items"] == []
