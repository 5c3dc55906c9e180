"""README's picture can be taken at any time; CI keeps the one it took in artefacts/."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.real.browser import find_browser
from tests.real.pictures import HEIGHT, WIDTH, take

pytestmark = [
    pytest.mark.real_browser,
    pytest.mark.skipif(find_browser() is None, reason="no Chromium on this machine"),
]
ARTEFACTS = Path(__file__).parents[2] / "artefacts"


async def test_the_picture_of_the_readme_can_be_taken() -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    with Image.open(await take(ARTEFACTS)) as picture:
        assert picture.size == (WIDTH, HEIGHT)
