"""Plan: work items, their links, calendars and resources."""
