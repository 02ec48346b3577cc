"""The code as phones see it: printed, turned, slanted, blurred, grainy, folded over, cut off."""

import random

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image, ImageFilter

from loket.documents import certifying
from loket.documents import payload as codes
from loket.documents.payload import NotGenuine
from tests.documents.reading import picture
from tests.documents.samples import NOW, an_order
from tests.documents.test_payload import ID, KEYS, PAYLOAD, STATEMENT

PDF = certifying.pdf(an_order(), STATEMENT.number, PAYLOAD, NOW)


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return picture(PDF, dots=170)


def read(seen: Image.Image) -> str | None:
    """What follows `/verify/` in the code of a picture; None where no code is seen."""
    found = zxingcpp.read_barcodes(seen, formats=zxingcpp.BarcodeFormat.QRCode)
    return found[0].text.partition("/verify/")[2] if found else None


def slanted(seen: Image.Image, by: float) -> Image.Image:
    """As held by a hand: the far edge is shorter than the near one."""
    width, height = seen.size
    return seen.transform(
        (width, height),
        Image.Transform.PERSPECTIVE,
        (
            1 + by,
            by / 3,
            -by * width / 4,
            by / 6,
            1 + by / 2,
            -by * height / 8,
            by / width,
            by / (2 * height),
        ),
        Image.Resampling.BICUBIC,
        fillcolor="white",
    )


def grainy(seen: Image.Image, strength: int) -> Image.Image:
    noise = Image.effect_noise(seen.size, strength).convert("RGB")
    return Image.blend(seen, noise, 0.2)


def test_from_the_page_as_it_is(page: Image.Image) -> None:
    assert read(page) == PAYLOAD


@pytest.mark.parametrize("degrees", [3, 17, 90, 141, 180, 270])
def test_turned(page: Image.Image, degrees: int) -> None:
    turned = page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor="white")
    assert read(turned) == PAYLOAD


@pytest.mark.parametrize("by", [0.05, 0.1])
def test_slanted_grainy_and_blurred(page: Image.Image, by: float) -> None:
    seen = grainy(slanted(page, by).filter(ImageFilter.GaussianBlur(0.8)), 60)
    assert read(seen) == PAYLOAD


def test_in_poor_light_and_as_a_small_jpeg(page: Image.Image) -> None:
    dim = page.point(lambda level: int(level * 0.45 + 20))
    assert read(dim.rotate(8, expand=True, fillcolor=(60, 60, 60))) == PAYLOAD


def test_with_most_of_the_page_cut_off(page: Image.Image) -> None:
    """Whoever keeps only the corner with the code can still have it checked."""
    corner = page.crop((0, int(page.height * 0.72), int(page.width * 0.45), page.height))
    found = read(corner)
    assert found is not None
    assert codes.check(found, KEYS).statement == STATEMENT


def test_a_code_cut_off_says_nothing_false(page: Image.Image) -> None:
    """Cut at any side, either nothing is read or exactly what was signed."""
    place = zxingcpp.read_barcodes(page)[0].position
    left, top, right, bottom = (
        place.top_left.x, place.top_left.y, place.bottom_right.x, place.bottom_right.y,
    )  # fmt: skip
    for share in (0.15, 0.3, 0.5, 0.8):
        for box in (
            (left - 20, top - 20, left + int((right - left) * share), bottom + 20),
            (left + int((right - left) * share), top - 20, right + 20, bottom + 20),
            (left - 20, top + int((bottom - top) * share), right + 20, bottom + 20),
        ):
            assert read(page.crop(box)) in (None, "", PAYLOAD)


def test_scratched_beyond_repair_is_not_read_as_something_else(page: Image.Image) -> None:
    dice = random.Random(7)
    place = zxingcpp.read_barcodes(page)[0].position
    for _ in range(12):
        hurt = page.copy()
        for _ in range(dice.randint(1, 60)):
            x = dice.randint(place.top_left.x, place.bottom_right.x - 12)
            y = dice.randint(place.top_left.y, place.bottom_right.y - 12)
            hurt.paste((0, 0, 0) if dice.random() < 0.5 else (255, 255, 255), (x, y, x + 12, y + 12))
        assert read(hurt) in (None, "", PAYLOAD)


def test_a_code_drawn_for_other_facts_is_refused(page: Image.Image) -> None:
    """The test above could pass with a code that everything accepts."""
    forged = codes.sign(STATEMENT, ID, Ed25519PrivateKey.generate())
    found = read(picture(certifying.pdf(an_order(), STATEMENT.number, forged, NOW), dots=170))
    assert found == forged
    with pytest.raises(NotGenuine):
        codes.check(found, KEYS)
