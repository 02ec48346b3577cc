"""Reading PDFs back: text and pictures by poppler, tags by pikepdf."""

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pikepdf
from PIL import Image


def text_of(pdf: bytes) -> str:
    """What a reader's search finds, with one space where there was any."""
    told = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout
    return " ".join(told.decode("utf-8").split())


def picture(pdf: bytes, dots: int = 150, page: int = 1) -> Image.Image:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "a.pdf"
        source.write_bytes(pdf)
        subprocess.run(
            ["pdftoppm", "-r", str(dots), "-png", "-f", str(page), "-singlefile", str(source), f"{folder}/a"],
            check=True,
        )
        with Image.open(f"{folder}/a.png") as opened:
            return opened.convert("RGB")


def tags(pdf: bytes) -> Counter[str]:
    """How often each kind of element stands in the tree that assistive technology walks."""
    with pikepdf.open(BytesIO(pdf)) as opened:
        return Counter(str(element.S) for element in _elements(opened.Root.StructTreeRoot))


def alternative_texts(pdf: bytes) -> list[str]:
    with pikepdf.open(BytesIO(pdf)) as opened:
        return [
            str(element.Alt)
            for element in _elements(opened.Root.StructTreeRoot)
            if str(element.S) == "/Figure" and "/Alt" in element
        ]


def _elements(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    below = node.get("/K")
    for child in [] if below is None else (below if isinstance(below, pikepdf.Array) else [below]):
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)
