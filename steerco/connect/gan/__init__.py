"""GanttProject's files (.gan)."""
