"""From when until when, as briefly as it is still clear."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.saying import Saying
from bot.domain.window import Window

A_WEEK = timedelta(days=6)


def span(window: Window, now: datetime) -> Saying:
    """A weekday is enough for the days that everybody has in mind."""
    return Saying("common.span_this_week" if window.end - now < A_WEEK else "common.span", {"window": window})
