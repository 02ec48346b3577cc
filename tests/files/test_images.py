import contextlib
import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from loket.files import images, sniffing
from loket.files.types import BrokenImage, ImageTooBig, UploadRefused
from tests.files import samples


def opened(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def test_a_photo_loses_its_metadata_and_stands_upright() -> None:
    original = samples.photo_with_place(size=(40, 20), orientation=6)
    assert b"SECRET" in original
    clean, media_type = images.made_anew(original, sniffing.JPEG)
    assert media_type == sniffing.JPEG
    assert b"SECRET" not in clean
    assert b"Exif" not in clean
    assert opened(clean).size == (20, 40)


@pytest.mark.parametrize(
    ("kind", "mode", "becomes"),
    [
        ("JPEG", "CMYK", sniffing.JPEG),
        ("JPEG", "L", sniffing.JPEG),
        ("PNG", "RGBA", sniffing.PNG),
        ("PNG", "P", sniffing.PNG),
        ("PNG", "I;16", sniffing.PNG),
        ("PNG", "1", sniffing.PNG),
        ("PNG", "LA", sniffing.PNG),
        ("GIF", "P", sniffing.PNG),
        ("WEBP", "RGBA", sniffing.WEBP),
    ],
)
def test_every_way_of_storing_pixels_is_understood(kind: str, mode: str, becomes: str) -> None:
    content = samples.image(kind, mode=mode)
    found = sniffing.media_type_of(content)
    assert found is not None
    clean, media_type = images.made_anew(content, found)
    assert (media_type, sniffing.media_type_of(clean), opened(clean).size) == (becomes, becomes, (40, 20))


def test_sixteen_bits_of_grey_keep_their_brightness() -> None:
    out = io.BytesIO()
    Image.new("I;16", (4, 4), 0x8000).save(out, "PNG")
    clean, _ = images.made_anew(out.getvalue(), sniffing.PNG)
    assert opened(clean).getpixel((0, 0)) == 0x80


@pytest.mark.parametrize(
    ("orientation", "bright"), [(1, "00"), (2, "10"), (3, "11"), (4, "01"), (6, "10"), (8, "01")]
)
def test_every_way_of_holding_the_camera_is_turned_upright(orientation: int, bright: str) -> None:
    """The bright corner, as x and y, after turning; it is top left in the file."""
    picture = Image.new("L", (64, 64), 0)
    picture.paste(255, (0, 0, 32, 32))
    exif = Image.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    picture.save(out, "JPEG", exif=exif)
    upright = opened(images.made_anew(out.getvalue(), sniffing.JPEG)[0])
    corners = [f"{x}{y}" for x in (0, 1) for y in (0, 1)]
    assert [
        at for at in corners if upright.getpixel((16 + 32 * int(at[0]), 16 + 32 * int(at[1]))) == 255
    ] == [bright]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_a_good_photo_with_damaged_exif_is_kept() -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff")
    assert images.made_anew(out.getvalue(), sniffing.JPEG)[1] == sniffing.JPEG


def test_png_texts_and_profiles_are_dropped() -> None:
    content = samples.image("PNG", icc_profile=b"SECRET" * 30)
    clean, _ = images.made_anew(content, sniffing.PNG)
    assert b"iCCP" in content
    assert b"iCCP" not in clean


def test_a_large_photo_is_made_smaller() -> None:
    clean, _ = images.made_anew(samples.image(size=(6000, 3000)), sniffing.JPEG)
    assert opened(clean).size == (4000, 2000)


def png_that_claims(width: int, height: int) -> bytes:
    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [7_100, 10_000, 50_000])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    with pytest.raises(ImageTooBig):
        images.made_anew(png_that_claims(side, side), sniffing.PNG)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_an_image_cut_short_is_broken(kind: str) -> None:
    content = samples.image(kind, size=(300, 300))
    found = sniffing.media_type_of(content)
    assert found is not None
    with pytest.raises(BrokenImage):
        images.made_anew(content[: len(content) // 2], found)


# Pillow warns of damage that it then skips.
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [
            samples.photo_with_place(),
            *(samples.image(kind, mode="P") for kind in ("PNG", "GIF")),
            samples.image("WEBP"),
        ]
    ),
    st.integers(4, 400),
    st.binary(min_size=1, max_size=20),
)
def test_a_damaged_image_is_refused_and_never_a_fault(content: bytes, at: int, damage: bytes) -> None:
    damaged = content[:at] + damage + content[at + len(damage) :]
    found = sniffing.media_type_of(damaged)
    if found in sniffing.IMAGES:
        with contextlib.suppress(UploadRefused):
            images.made_anew(damaged, found)
