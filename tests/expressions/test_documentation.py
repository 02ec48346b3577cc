from pathlib import Path

import pytest

from loket.expressions import FUNCTIONS, ErrorCode

PAGE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_is_documented_as_it_is(name: str) -> None:
    function = FUNCTIONS[name]
    assert f"| `{function.signature.replace('|', chr(92) + '|')}` | {function.doc} |" in PAGE


def test_every_error_is_documented() -> None:
    assert all(f"`{code}`" in PAGE for code in ErrorCode)
