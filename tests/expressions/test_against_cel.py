"""A ready CEL engine as the oracle, for the part of the language where both mean the same."""

import cel
from hypothesis import given, settings
from hypothesis import strategies as st

from loket.expressions import Value, evaluate, parse
from tests.expressions.strategies import CONTEXT

VALUES: dict[str, Value] = {
    "n": 7,
    "m": -3,
    "t": "Nairobi",
    "yes": True,
    "no": False,
    "l": (1, 2, 3),
    "r": {"a": 5},
}

_numbers = st.recursive(
    st.one_of(
        st.integers(0, 50).map(str), st.sampled_from(["n", "m", "r.a", "l[1]", "size(l)", "t.size()", "-4"])
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/%"), inner),
        st.builds("({} > {} ? {} : {})".format, inner, inner, inner, inner),
    ),
    max_leaves=6,
)
_texts = st.recursive(
    st.one_of(
        st.text("abN'é", max_size=4).map(lambda text: f'"{text}"'), st.just("t"), st.just(r'"\u00e9\x41"')
    ),
    lambda inner: st.builds("({} + {})".format, inner, inner),
    max_leaves=4,
)
_relations = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
_conditions = st.recursive(
    st.one_of(
        st.sampled_from(["yes", "no", "true", "false"]),
        st.builds("({} {} {})".format, _numbers, _relations, _numbers),
        st.builds("({} {} {})".format, _texts, _relations, _texts),
        st.builds("({} in [{}, {}])".format, _numbers, _numbers, _numbers),
        st.builds(
            "{}.{}({})".format, _texts, st.sampled_from(["contains", "startsWith", "endsWith"]), _texts
        ),
        st.builds(
            "l.{}(x, x > {})".format, st.sampled_from(["all", "exists", "exists_one"]), st.integers(0, 4)
        ),
        st.builds("(l.map(x, x * {}) == [2, 4, 6])".format, st.integers(1, 3)),
        st.builds("(l.filter(x, x != {}).size() == 2)".format, st.integers(0, 4)),
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("!{}".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=600)
@given(st.one_of(_numbers, _texts, _conditions))
def test_both_engines_agree(source: str) -> None:
    ours = evaluate(parse(source), VALUES, CONTEXT)
    try:
        theirs = cel.evaluate(source, {**VALUES, "l": [1, 2, 3]})
    except (ArithmeticError, RuntimeError, ValueError, TypeError):
        # CEL may also swallow the error of an operand of && and ||; we never do.
        assert ours.error is not None
        return
    if ours.error is None:
        assert (ours.value, type(ours.value)) == (theirs, type(theirs))
    else:
        assert "/" in source or "%" in source
