"""Which font a picture is written in, how wide a text is, and what cannot be written.

Chinese must be readable on a bare server, so junzi depends on a package that has Noto Sans CJK (OFL) in it; a
distribution's own package of the same font is taken where that one is missing. With neither, Latin letters are still
written (by the face inside Pillow), `Fonts.readable` gives a name's Latin spelling, and the log says what to install.
Nothing is ever drawn as an empty box.
"""

from __future__ import annotations

import logging
import os
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont
from PIL.ImageFont import FreeTypeFont

from bot.pictures.scene import BODY, SCALE, Weight

log = logging.getLogger("junzi.pictures")

_PACKAGE = "manimgx_fonts_cjk"
_VARIABLE = "NotoSansCJK-VF.otf.ttc"
_SIMPLIFIED = "Noto Sans CJK SC"
_USUAL_INDEX = 2  # in all collections of it so far
# How Debian, Fedora and Arch name the files of their packages.
_STATIC = {"regular": "NotoSansCJK-Regular.ttc", "bold": "NotoSansCJK-Bold.ttc"}
_AXIS = {"regular": 430, "bold": 680}  # a little heavier than 400: small text on a phone, often light on dark
_CHINESE_SAMPLE = "周日现在空闲"


@dataclass(frozen=True)
class Source:
    """Font files: one with a weight axis, or one for each weight; none at all is Pillow's own Latin face."""

    variable: Path | None = None
    static: dict[str, Path] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return self.variable is not None or bool(self.static)


def from_package() -> Source:
    spec = find_spec(_PACKAGE)
    folder = spec.submodule_search_locations[0] if spec is not None and spec.submodule_search_locations else None
    path = Path(folder) / _VARIABLE if folder is not None else None
    return Source(variable=path) if path is not None and path.is_file() else Source()


def from_system() -> Source:
    """Below the `fonts` folders of the XDG base directories, where every distribution puts them."""
    folders = [
        Path(base) / "fonts" for base in (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    ]
    for folder in folders:
        variable = next(iter(sorted(folder.rglob(_VARIABLE))), None)
        if variable is not None:
            return Source(variable=variable)
        static = {weight: next(iter(sorted(folder.rglob(name))), None) for weight, name in _STATIC.items()}
        found = {weight: path for weight, path in static.items() if path is not None}
        if "regular" in found:
            return Source(static=found)
    return Source()


class Fonts:
    """Faces by size, open until `close`. Sizes are in pixels here: whoever paints knows the scale."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._faces: dict[tuple[float, str], FreeTypeFont] = {}
        self._known: dict[str, bool] = {}

    def face(self, size: float, weight: Weight = "regular") -> FreeTypeFont:
        face = self._faces.get((size, weight))
        if face is None:
            face = self._faces[size, weight] = self._open(size, weight)
        return face

    def close(self) -> None:
        """Let go of the open faces, after a picture: each maps the font file again, 3 MB of it; opening takes 1 ms."""
        self._faces = {}

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        """In pixels at that size."""
        return float(self.face(size, weight).getlength(text))

    def has(self, character: str) -> bool:
        """Does the font draw something else than its box for missing characters?"""
        if character not in self._known:
            self._known[character] = self._draws(character)
        return self._known[character]

    def writes_chinese(self) -> bool:
        return all(self.has(character) for character in _CHINESE_SAMPLE)

    def readable(self, text: str, latin: str = "") -> str:
        """The text as it can be drawn: without emoji and invisible marks; `latin` if letters are missing.

        A letter of neither is a question mark, which is at least known to be one.
        """
        kept = "".join(ch for ch in text if ch == " " or (ch.isprintable() and (self.has(ch) or not _is_ornament(ch))))
        kept = " ".join(kept.split())
        if kept and all(self.has(ch) for ch in kept):
            return kept
        if latin:
            return self.readable(latin)
        return "".join(ch if self.has(ch) else "?" for ch in kept) or "?"

    def _open(self, size: float, weight: Weight) -> FreeTypeFont:
        source = self._source
        if source.variable is not None:
            face = _simplified(source.variable, size)
            face.set_variation_by_axes([_AXIS[weight]])
            return face
        if source.static:
            return _simplified(source.static.get(weight, source.static["regular"]), size)
        face_of_pillow = ImageFont.load_default(size)
        assert isinstance(face_of_pillow, FreeTypeFont)  # noqa: S101 - it is where Pillow has FreeType, as wheels do
        return face_of_pillow

    def _draws(self, character: str) -> bool:
        if character == " ":
            return True
        face = self.face(_PROBE_SIZE)
        drawn, missing = face.getmask(character), face.getmask(_NOT_A_CHARACTER)
        return drawn.size != missing.size or bytes(drawn) != bytes(missing)


_PROBE_SIZE = BODY * SCALE
_NOT_A_CHARACTER = "\uffff"  # no font has it, so it is drawn as the box for what is missing


@cache
def standard_fonts() -> Fonts:
    """The fonts of this process: found at the first picture, with a word in the log if Chinese can't be written."""
    fonts = Fonts(from_package() or from_system())
    if not fonts.writes_chinese():
        log.warning(
            "No font with Chinese characters: pictures show Latin names. Install the Python package manimgx-fonts-cjk, "
            "or fonts-noto-cjk (Debian, Ubuntu), google-noto-sans-cjk-fonts (Fedora), noto-fonts-cjk (Arch)."
        )
    return fonts


def _simplified(path: Path, size: float) -> FreeTypeFont:
    """The face for simplified Chinese of a collection: the others draw some characters as Japanese or Korean do."""
    for index in (_USUAL_INDEX, 0, 1, 3, 4):
        try:
            face = ImageFont.truetype(str(path), size, index=index)
        except OSError:  # not so many faces in it
            continue
        if face.getname()[0] == _SIMPLIFIED:
            return face
    return ImageFont.truetype(str(path), size)


def _is_ornament(character: str) -> bool:
    """Emoji, symbols, and the marks that join or colour them: a name is still a name without."""
    return unicodedata.category(character) in ("So", "Sk", "Mn", "Me", "Cf", "Cn", "Co")
