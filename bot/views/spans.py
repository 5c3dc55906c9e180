"""From when until when, as briefly as it is still clear."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.saying import Saying
from bot.domain.window import Window

A_WEEK = timedelta(days=6)


def span(window: Window, now: datetime | None) -> Saying:
    """A weekday is enough for the days that everybody has in mind. `now` None: it is not known which those are."""
    is_close = now is not None and now - A_WEEK < window.start and window.end < now + A_WEEK
    return Saying("common.span_this_week" if is_close else "common.span", {"window": window})
