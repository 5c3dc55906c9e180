"""Pictures and documents, kept in memory."""

from __future__ import annotations

import hashlib
import mimetypes
import struct
from dataclasses import dataclass
from typing import Any

from bot.demo.server.errors import bad_request

MOST_PHOTO_BYTES = 10 * 1024 * 1024
MOST_DOCUMENT_BYTES = 50 * 1024 * 1024
MOST_DOWNLOAD_BYTES = 20 * 1024 * 1024
MOST_KEPT_BYTES = 256 * 1024 * 1024  # a demo that draws a picture a minute for days forgets the oldest


@dataclass(frozen=True)
class Upload:
    """A file as it came in a request."""

    name: str
    data: bytes
    mime_type: str


@dataclass(frozen=True)
class Stored:
    """A file that has an id."""

    file_id: str
    unique_id: str
    path: str
    upload: Upload
    is_photo: bool
    width: int = 0
    height: int = 0

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return len(self.upload.data)


class Files:
    """All files of the demo, by file_id and by download path."""

    def __init__(self) -> None:
        """Begin with none."""
        self.by_id: dict[str, Stored] = {}
        self.by_path: dict[str, Stored] = {}
        self._count = 0
        self._bytes = 0

    def add_photo(self, upload: Upload) -> Stored:
        """Keep a picture, or refuse what Telegram refuses."""
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > MOST_PHOTO_BYTES:
            raise bad_request(
                f"file of size {len(upload.data)} bytes is too big for a photo; "
                f"the maximum size is {MOST_PHOTO_BYTES} bytes"
            )
        size = image_size(upload.data)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        width, height = size
        if width + height > 10000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")
        return self._keep(upload, "photos", is_photo=True, width=width, height=height)

    def add_document(self, upload: Upload) -> Stored:
        """Keep a document, or refuse what Telegram refuses."""
        if not upload.data:
            raise bad_request("file must be non-empty")
        if len(upload.data) > MOST_DOCUMENT_BYTES:
            raise bad_request("file is too big")
        return self._keep(upload, "documents", is_photo=False)

    def _keep(self, upload: Upload, folder: str, *, is_photo: bool, width: int = 0, height: int = 0) -> Stored:
        self._count += 1
        number = self._count
        digest = hashlib.sha256(upload.data).hexdigest()[:14]
        suffix = (mimetypes.guess_extension(upload.mime_type) or "") if is_photo else ""
        name = (
            f"file_{number}{suffix}"
            if is_photo or "." not in upload.name
            else (f"file_{number}.{upload.name.rsplit('.', 1)[1][:8]}")
        )
        stored = Stored(f"{'AgAC' if is_photo else 'BQAC'}{number:04d}{digest}", f"AQAD{digest}",
                        f"{folder}/{name}", upload, is_photo, width, height)  # fmt: skip
        self.by_id[stored.file_id] = self.by_path[stored.path] = stored
        self._bytes += stored.size
        while self._bytes > MOST_KEPT_BYTES and len(self.by_id) > 1:
            oldest = self.by_id.pop(next(iter(self.by_id)))
            del self.by_path[oldest.path]
            self._bytes -= oldest.size
        return stored


def image_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a PNG, JPEG, GIF or WebP, None for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return (width, height) if width and height else None
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return (width, height) if width and height else None
    if data.startswith(b"\xff\xd8"):
        return _jpeg_size(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP" and len(data) >= 30:
        return _webp_size(data)
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return (width, height) if width and height else None
        at += 2 + length
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1
    width, height = struct.unpack("<HH", data[26:30])
    return width & 0x3FFF, height & 0x3FFF


def photo_json(stored: Stored) -> dict[str, Any]:
    """Return the ``photo`` field of a message."""
    return {"photo": [{"file_id": stored.file_id, "file_unique_id": stored.unique_id, "width": stored.width,
                       "height": stored.height, "file_size": stored.size}]}  # fmt: skip


def document_json(stored: Stored) -> dict[str, Any]:
    """Return the ``document`` field of a message."""
    return {"document": {"file_id": stored.file_id, "file_unique_id": stored.unique_id,
                         "file_name": stored.upload.name, "mime_type": stored.upload.mime_type,
                         "file_size": stored.size}}  # fmt: skip
