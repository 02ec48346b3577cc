"""Takes uploads in from the browser: in memory only, and no more than a form may carry.

A file over the limit is marked and its bytes let go, so that the rest of the form arrives and the person
keeps what else they filled in. Nothing is ever written to disk in the clear.
"""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

_MOST_OF_A_FILE = 10 * 2**20
# All files of one request together; further ones are marked as too large.
_MOST_OF_A_REQUEST = 30 * 2**20
# Beyond this the connection is dropped: nobody types a form around a quarter of a gigabyte.
_PATIENCE = 250 * 2**20


class CappedUpload(UploadedFile):  # type: ignore[type-arg]  # generic in its stubs only
    """An upload. Where `too_large`, its content is gone and `size` says how much was sent."""

    too_large: bool = False


class CappedUploadHandler(FileUploadHandler):
    """Django upload handler; the only one in FILE_UPLOAD_HANDLERS."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._buffer = BytesIO()
        self._kept = 0
        self._received = 0
        self._too_large = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._buffer = BytesIO()
        self._too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._received += len(raw_data)
        if self._received > _PATIENCE:
            raise StopUpload(connection_reset=True)
        if self._too_large:
            return
        largest: int = getattr(settings, "UPLOAD_MAX_BYTES", _MOST_OF_A_FILE)
        if start + len(raw_data) > largest or self._kept + len(raw_data) > _MOST_OF_A_REQUEST:
            self._kept -= self._buffer.tell()
            self._buffer = BytesIO()
            self._too_large = True
            return
        self._kept += len(raw_data)
        self._buffer.write(raw_data)

    def file_complete(self, file_size: int) -> CappedUpload:
        self._buffer.seek(0)
        upload = CappedUpload(
            file=self._buffer,
            name=self.file_name,
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
        )
        upload.too_large = self._too_large
        return upload
