"""Service: what is promised to users and whether it is kept."""
