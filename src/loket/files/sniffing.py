"""Tells what a file is by its bytes; names and browsers' claims count for nothing."""

import unicodedata
import zipfile
import zlib
from io import BytesIO

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
GIF = "image/gif"
WEBP = "image/webp"
TEXT = "text/plain"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"

IMAGES = frozenset({JPEG, PNG, GIF, WEBP})
# The first is put at the end of a name that has none of them.
EXTENSIONS = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    GIF: (".gif",),
    WEBP: (".webp",),
    TEXT: (".txt", ".csv"),
    DOCX: (".docx",),
    ODT: (".odt",),
}

_STARTS = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MARKUP = (b"<!", b"<?", b"<html", b"<svg", b"<script", b"<head", b"<body")
_TEXT_CONTROLS = frozenset("\t\n\r\f")
_MAX_MEMBERS = 2_000
_MAX_UNPACKED = 200 * 2**20
_MAX_RATIO = 200
_ENCRYPTED = 0x1


def media_type_of(content: bytes) -> str | None:
    """The media type of `content`, or None where it is none that Loket knows."""
    # A reader finds a PDF's header anywhere near the start; we want it first, so that a program can't hide
    # before it.
    if content.removeprefix(_BYTE_ORDER_MARK).lstrip()[:5] == b"%PDF-":
        return PDF
    for start, media_type in _STARTS.items():
        if content.startswith(start):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if content.startswith(b"PK\x03\x04"):
        return _office_document(content)
    return TEXT if _is_text(content) else None


def _office_document(content: bytes) -> str | None:
    """Word and OpenDocument texts by their list of members; nothing else in a zip is accepted."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            members = archive.infolist()
            if _is_bomb(members, len(content)):
                return None
            names = {member.filename for member in members}
            # A document with a macro is a program.
            if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
                return None
            if {"[Content_Types].xml", "word/document.xml"} <= names:
                return DOCX
            if {"mimetype", "content.xml"} <= names:
                with archive.open("mimetype") as member:
                    return ODT if member.read(100) == ODT.encode() else None
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, ValueError, RuntimeError, EOFError):
        pass
    return None


def _is_bomb(members: list[zipfile.ZipInfo], size: int) -> bool:
    unpacked = sum(member.file_size for member in members)
    return (
        len(members) > _MAX_MEMBERS
        or unpacked > min(_MAX_UNPACKED, size * _MAX_RATIO)
        or any(member.flag_bits & _ENCRYPTED for member in members)
    )


def _is_text(content: bytes) -> bool:
    if content.removeprefix(_BYTE_ORDER_MARK).lstrip()[:8].lower().startswith(_MARKUP):
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(unicodedata.category(letter) == "Cc" for letter in set(text) - _TEXT_CONTROLS)
