"""Whatever somebody does to a pack, the answer is findings and never a fault."""

from hypothesis import given, settings
from hypothesis import strategies as st

from loket.catalogue.lint import lint
from loket.catalogue.loader import load_text
from tests.catalogue.samples import PACK

LINES = PACK.splitlines()
SCRAPS = st.sampled_from(
    [
        "",
        "[]",
        "{}",
        "7",
        "-1",
        "null",
        "true",
        '"x"',
        "{en: x}",
        "[a, b]",
        "check",
        "water",
        "*x",
        "when: '('",
    ]
)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["drop", "double", "swap", "value", "indent"])):
            case "drop":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "value":
                lines[at] = lines[at].partition(":")[0] + ": " + draw(SCRAPS)
            case _:
                lines[at] = "  " + lines[at]
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(mangled())
def test_a_mangled_pack_gives_findings_in_its_lines(text: str) -> None:
    loaded = load_text(text)
    last = text.count("\n") + 2
    for finding in lint(loaded):
        assert finding.message
        assert 1 <= finding.line <= last
        assert finding.column >= 1
    assert (loaded.service is None) == bool(loaded.findings)
