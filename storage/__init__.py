"""SQLite's doorway: the only place with SQL."""
