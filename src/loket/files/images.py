"""Images, made anew: right way up, of bounded size, without what the camera wrote about place and owner."""

import struct
import zlib
from io import BytesIO

from PIL import ExifTags, Image

from loket.files.sniffing import GIF, JPEG, PNG, WEBP
from loket.files.types import BrokenImage, ImageTooBig

# Enough for the largest pictures of common phones; decoding one costs about 150 MB for a moment.
MAX_PIXELS = 50_000_000
# A4 at 340 dots an inch: enough to read the smallest print of a certificate.
MAX_SIDE = 4000
_FORMATS = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP"}
_QUALITY = 88
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's decoders are known to raise on bytes that lie.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, MemoryError,
    struct.error, zlib.error,
)  # fmt: skip


def made_anew(content: bytes, media_type: str) -> tuple[bytes, str]:
    """The image decoded and encoded again, with its media type (a GIF becomes a PNG of its first frame).

    Refuses ImageTooBig before decoding a single pixel, and BrokenImage.
    """
    try:
        with Image.open(BytesIO(content), formats=[_FORMATS[media_type]]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise ImageTooBig(max_pixels=MAX_PIXELS)
            return _encoded(_upright(image), media_type)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise ImageTooBig(max_pixels=MAX_PIXELS) from bomb
    except _BROKEN as broken:
        raise BrokenImage from broken


def _upright(image: Image.Image) -> Image.Image:
    # Lets the JPEG decoder leave out detail that would be thrown away below.
    image.draft(None, (MAX_SIDE, MAX_SIDE))
    turn = _TURNS.get(_orientation(image))
    turned = image.copy() if turn is None else image.transpose(turn)
    turned.thumbnail((MAX_SIDE, MAX_SIDE))
    return turned


def _orientation(image: Image.Image) -> int:
    """How the camera was held, as EXIF counts it; a good picture with damaged EXIF counts as upright."""
    try:
        held = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BROKEN:
        return 1
    return held if isinstance(held, int) else 1


def _encoded(image: Image.Image, media_type: str) -> tuple[bytes, str]:
    out = BytesIO()
    if media_type == JPEG:
        _bare(image, "L" if _is_grey(image) else "RGB").save(out, "JPEG", quality=_QUALITY, optimize=True)
        return out.getvalue(), JPEG
    see_through = image.mode in {"LA", "PA", "RGBA", "RGBa"} or "transparency" in image.info
    clean = _bare(image, "RGBA" if see_through else "L" if _is_grey(image) else "RGB")
    if media_type == WEBP:
        clean.save(out, "WEBP", quality=_QUALITY)
        return out.getvalue(), WEBP
    clean.save(out, "PNG")
    return out.getvalue(), PNG


def _is_grey(image: Image.Image) -> bool:
    return image.mode in {"L", "1"} or image.mode.startswith("I")


def _bare(image: Image.Image, mode: str) -> Image.Image:
    """A copy of the pixels alone: encoders write comments and profiles that they find in `info`."""
    if image.mode.startswith("I"):
        # Sixteen bits of grey, as some scanners write; a plain conversion would turn all of it white.
        image = image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    bare = image.convert(mode)
    bare = bare.copy() if bare is image else bare
    bare.info = {}
    return bare
