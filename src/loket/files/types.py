"""What files tells others, and the reasons for which it refuses an upload."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from loket.kernel.refusals import Refusal


class OwnerKind(StrEnum):
    """What files belong to. The files of a reply to a question about a case carry the id of the case."""

    DRAFT = "draft"
    CASE = "case"
    REPLY = "reply"


class Readable(Protocol):
    """Anything with bytes to read, such as an upload."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file as answers remember it. `size` in bytes, of what is kept rather than what was sent."""

    id: UUID
    name: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A stored file with its bytes in the clear; serve it as a download and never inline."""

    ref: FileRef
    content: bytes


@dataclass(frozen=True, slots=True)
class Sweep:
    """What a sweep removed from the disk."""

    orphans: int
    unfinished: int


class UploadRefused(Refusal):
    """An upload was not kept; the subclass says why."""

    code = "upload_refused"


class TooLarge(UploadRefused):
    """More bytes than allowed; `max_bytes` says how many are."""

    code = "upload_too_large"


class EmptyFile(UploadRefused):
    """No bytes at all: often a photo that the phone had not finished saving."""

    code = "upload_empty"


class WrongType(UploadRefused):
    """What the bytes are is not allowed; `found` is a media type, empty where nobody can tell."""

    code = "upload_wrong_type"


class BrokenImage(UploadRefused):
    """The image can't be read to its end."""

    code = "upload_broken_image"


class ImageTooBig(UploadRefused):
    """Too many pixels to decode safely; `max_pixels` says how many are allowed."""

    code = "upload_image_too_big"


class Infected(UploadRefused):
    """The virus scanner recognised something."""

    code = "upload_infected"


class ScannerAway(UploadRefused):
    """The virus scanner gave no answer, so nothing is accepted until it does."""

    code = "upload_scanner_away"


class DiskFull(UploadRefused):
    """No room to keep it; nothing was half written."""

    code = "upload_disk_full"


class TooManyFiles(UploadRefused):
    """The owner has `max_files` already."""

    code = "upload_too_many"


class FileMissing(Refusal):
    """There is no such file of this owner."""

    code = "file_missing"
