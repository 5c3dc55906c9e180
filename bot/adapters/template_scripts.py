"""The scripts of deploy/template, beside the sources or inside the wheel."""

from __future__ import annotations

import asyncio
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
PLACES = (HERE.parent / "deploy" / "template", HERE / "template")


async def template_script(name: str) -> bytes:
    """FileNotFoundError if this junzi was installed without them."""
    return await asyncio.to_thread(_read, name)


def _read(name: str) -> bytes:
    for place in PLACES:
        if (file := place / f"{name}.sh").is_file():
            return file.read_bytes()
    raise FileNotFoundError(f"no {name}.sh in {' or '.join(str(place) for place in PLACES)}")
