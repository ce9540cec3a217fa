"""Outside systems in: readers yield plain items, intake turns them into records through the one door."""
