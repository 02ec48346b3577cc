"""The process itself: `python -m loket.documents.press.worker FONTS ROOT`. Started by `client`.

It reads requests from standard input and writes answers to standard output, each a length of four bytes and
JSON (`client` says which fields). The end of its input is its own.
"""

import base64
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
    compiler = typst.Compiler(
        b"",
        root=root,
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[fonts]),
        package_path=nowhere,
        package_cache_path=nowhere,
    )
    warnings.simplefilter("ignore")
    held += sandbox.close_doors((fonts, root))
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _write(sink, {"locks": [lock.value for lock in held]})
    while (request := _read(source)) is not None:
        sandbox.limit_next_seconds(SECONDS)
        _write(sink, _answer(compiler, request))


def _answer(compiler: object, request: dict[str, str]) -> dict[str, object]:
    import typst  # noqa: PLC0415

    try:
        pdf = compiler.compile(  # type: ignore[attr-defined]
            request["template"].encode(),
            format="pdf",
            sys_inputs={"data": request["data"]},
            pdf_standards=["ua-1"],
            timestamp=int(request["timestamp"]),
        )
    except typst.TypstError as problem:
        return {"problem": problem.message, "hints": list(problem.hints)[:3], "where": problem.diagnostic}
    except Exception as problem:
        return {"problem": str(problem), "hints": [], "where": ""}
    return {"pdf": base64.b64encode(pdf).decode("ascii")}


def _read(source: BinaryIO) -> dict[str, str] | None:
    head = source.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    if size > _LARGEST:
        return None
    found: dict[str, str] = json.loads(source.read(size))
    return found


def _write(sink: BinaryIO, answer: dict[str, object]) -> None:
    body = json.dumps(answer).encode()
    sink.write(len(body).to_bytes(4, "big") + body)
    sink.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
