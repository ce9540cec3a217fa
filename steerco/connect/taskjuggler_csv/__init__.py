"""TaskJuggler's CSV task reports."""
