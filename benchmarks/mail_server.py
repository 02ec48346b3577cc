"""A mail server of one process: takes everything, and writes down each Message-ID that it took.

Run: python -m benchmarks.mail_server PORT FILE
"""

import re
import sys
import time
from pathlib import Path
from typing import TextIO

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")


class Taking:
    def __init__(self, book: TextIO) -> None:
        self._book = book

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        found = _MESSAGE_ID.search(content)
        # Written before the answer, as a server does that keeps what it says it took.
        self._book.write(f"{found.group(1).decode() if found else '?'}\n")
        self._book.flush()
        return "250 OK"


def main(port: int, book: Path) -> None:
    with book.open("a", encoding="ascii") as lines:
        controller = Controller(Taking(lines), hostname="127.0.0.1", port=port)
        controller.start()
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
