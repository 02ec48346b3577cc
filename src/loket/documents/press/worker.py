"""The process itself: `python -m loket.documents.press.worker FONTS ROOT`. Started by `client`.

It reads requests from standard input and writes answers to standard output, each a length of four bytes and
JSON (`client` says which fields), or the PDF itself. The end of its input is its own.
"""

import json
import os
import sys
import warnings
from typing import BinaryIO

from loket.documents.press import sandbox

MEMORY = 512 << 20
SECONDS = 8
_LARGEST = 64 << 20


def main(fonts: str, root: str) -> None:
    sandbox.limit(MEMORY)
    held = sandbox.leave_network()
    # Late, because it starts threads, which may not change namespaces any more.
    import typst  # noqa: PLC0415

    nowhere = os.path.join(root, "packages")
    known = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts])

    def compiler() -> object:
        return typst.Compiler(
            b"", root=root, font_paths=known, package_path=nowhere, package_cache_path=nowhere
        )

    ours, theirs = compiler(), compiler()
    warnings.simplefilter("ignore")
    held += sandbox.close_doors((fonts, root))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _write(sink, {"locks": [lock.value for lock in held]})
    while (request := _read(source)) is not None:
        sandbox.limit_next_seconds(SECONDS)
        if "form" in request:
            _write(sink, _answer(ours, _filled(request), request))
        else:
            inputs = {"data": request["data"]}
            _write(sink, _answer(theirs, request["template"], request, sys_inputs=inputs))


def _filled(request: dict[str, str]) -> str:
    """One of our own templates, called with its data.

    Not as an input of the system, as strangers' templates get theirs: another input makes Typst another
    library, and forget all it knows of the last document. So a letter costs half.
    """
    form = request["form"]
    data = request["data"].replace("\\", "\\\\").replace('"', '\\"')
    return f'#import "/{form}.typ": {form}\n#{form}(json(bytes("{data}")))'


def _answer(
    compiler: object, source: str, request: dict[str, str], **more: object
) -> dict[str, object] | bytes:
    import typst  # noqa: PLC0415

    try:
        pdf: bytes = compiler.compile(  # type: ignore[attr-defined]
            source.encode(),
            format="pdf",
            pdf_standards=["ua-1"],
            timestamp=int(request["timestamp"]),
            **more,
        )
    except typst.TypstError as problem:
        return {"problem": problem.message, "hints": list(problem.hints)[:3], "where": problem.diagnostic}
    except Exception as problem:
        return {"problem": str(problem), "hints": [], "where": ""}
    return pdf


def _read(source: BinaryIO) -> dict[str, str] | None:
    head = source.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    if size > _LARGEST:
        return None
    found: dict[str, str] = json.loads(source.read(size))
    return found


def _write(sink: BinaryIO, answer: dict[str, object] | bytes) -> None:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    sink.write(len(body).to_bytes(4, "big") + body)
    sink.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
