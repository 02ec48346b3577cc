"""Random values, random trees and random sources."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from loket.expressions import FUNCTIONS, Context, Value
from loket.kernel.money import Money

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
CONTEXT = Context(now=NOW, timezone="Africa/Nairobi", cost_limit=5_000)
NAMES = ("income", "name", "born", "pets", "address", "empty", "fee", "agreed")

_plain: st.SearchStrategy[object] = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=20),
    st.integers(),
    st.decimals(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(),
    st.builds(Money, st.decimals(allow_nan=True), st.sampled_from(["KES", "IDR", ""])),
    st.floats(),
    st.binary(max_size=3),
    st.sampled_from(
        [
            Decimal("1e999999"),
            2**63 - 1,
            -(2**63),
            date.min,
            date.max,
            datetime.max.replace(tzinfo=UTC),
            10**400,
        ]
    ),
)


def any_values() -> st.SearchStrategy[object]:
    """Also such as no caller should ever give."""
    return st.recursive(
        _plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4).map(tuple),
            st.lists(inner, max_size=4),
            st.dictionaries(st.text(max_size=5), inner, max_size=4),
        ),
        max_leaves=12,
    )


def bindings() -> st.SearchStrategy[dict[str, Value]]:
    return st.dictionaries(st.sampled_from(NAMES), any_values())  # type: ignore[arg-type]  # on purpose


_LEAVES = st.one_of(
    st.sampled_from(
        [*NAMES, "nobody", "null", "true", "false", '"a(b"', "'x'", "today()", "now()", "[]", "{}"]
    ),
    st.integers(0, 2**63 - 1).map(str),
    st.decimals(min_value=0, max_value=Decimal("1e30"), allow_nan=False).map("{:.3f}".format),
    st.sampled_from(["0", "1", "9223372036854775807", "1e6000", "1e-6000", '"2026-01-31"', '"KES"', "1.50"]),
)
_OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in", "&&", "||"])
_CALLS = st.sampled_from([*FUNCTIONS, "unknown"])
_MACROS = st.sampled_from(["all", "exists", "exists_one", "filter", "map"])


def _bigger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, _OPERATORS, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("{}{}".format, st.sampled_from("!-"), inner),
        st.builds(lambda name, args: f"{name}({', '.join(args)})", _CALLS, st.lists(inner, max_size=3)),
        st.builds("({}).{}({}, {})".format, inner, _MACROS, st.sampled_from(NAMES), inner),
        st.builds("({}).city".format, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.builds("{{{}: {}}}".format, inner, inner),
    )


def sources() -> st.SearchStrategy[str]:
    """Well-formed sources of every shape, mostly senseless."""
    return st.recursive(_LEAVES, _bigger, max_leaves=12)


def rough_sources() -> st.SearchStrategy[str]:
    """Anything: any text at all, or the language's own pieces in any order."""
    pieces = st.lists(st.sampled_from(_PIECES), max_size=20)
    return st.one_of(st.text(), pieces.map(" ".join), pieces.map("".join))


_PIECES = (
    *(
        [
            "a",
            "b.c",
            "1",
            "2.5",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "?",
            ".",
            "+",
            "-",
            "==",
            "=",
            "&&",
            "&",
            "||",
            "!",
            "in",
            "null",
            "0x",
            "1e9",
            ".all(",
            "//",
        ]
    ),
    *("'x", '"x"', '"""', "\\", "r'a'", "\n", "“", "\x00", "\ud800"),
)
