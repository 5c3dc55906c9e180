"""The pictures of README and guides can be taken at any time; CI keeps those it took in artefacts/."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.real.browser import find_browser
from tests.real.pictures import DESKTOP, PHONE, take

pytestmark = [
    pytest.mark.real_browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]
ARTEFACTS = Path(__file__).parents[2] / "artefacts"


async def test_the_pictures_can_be_taken() -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    phone, calendar, demo = await take(ARTEFACTS, ("en",))
    for path, size in ((phone, (2 * PHONE[0], 2 * PHONE[1])), (demo, DESKTOP)):
        with Image.open(path) as picture:
            assert picture.size == size
    assert max(path.stat().st_size for path in (phone, calendar, demo)) < 200_000
