"""Pages every register gets: list, record, inline edit, bulk edit, export, comments, links, files."""
