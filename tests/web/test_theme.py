"""Colours of agencies: legible whatever was wished for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loket.web import theme

colours = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_agrees_with_the_extremes_of_wcag() -> None:
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(colours, colours)
def test_every_pair_of_wishes_gives_legible_colours(brand: str, on_brand: str) -> None:
    made = theme.palette(brand, on_brand)
    assert theme.contrast(made.brand, made.on_brand) >= theme.LEGIBLE
    assert theme.contrast(made.strong, made.on_brand) >= theme.LEGIBLE
    for paper in (theme.PAPER, theme.SAND, theme.WHITE, made.tint):
        assert theme.contrast(made.link, paper) >= theme.LEGIBLE


def test_the_wish_is_kept_where_it_is_legible() -> None:
    made = theme.palette("#8a1538", "#ffffff")
    assert (made.brand, made.on_brand) == ("#8a1538", "#ffffff")


def test_loket_s_own_colours_in_the_style_sheet_are_legible() -> None:
    for ink in ("#1c2422", "#4d5653", "#0b5a5c", "#b3261e"):
        for paper in (theme.PAPER, theme.SAND, "#ffffff"):
            assert theme.contrast(ink, paper) >= theme.LEGIBLE


@pytest.mark.parametrize("nonsense", ["red", "#fff", "#12345g", "#1234567", "#ABCDEF", "}body{"])
def test_what_is_no_colour_is_refused(nonsense: str) -> None:
    with pytest.raises(theme.ColourProblem):
        theme.palette(nonsense)
    with pytest.raises(theme.ColourProblem):
        theme.palette("#000000", nonsense)
