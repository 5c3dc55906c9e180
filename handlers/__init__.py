"""Telegram's doorway: one file per command family."""
