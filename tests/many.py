"""pytest plug-in for `make prove`: every property is tried with so many times the examples of `make test`.

Loaded with `-p tests.many` and LOKET_TIMES=20.
"""

import os

import hypothesis
import pytest

_KEPT = "_hypothesis_internal_use_settings"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    times = int(os.environ["LOKET_TIMES"])
    for item in items:
        test = getattr(item, "obj", None)
        if not hypothesis.is_hypothesis_test(test):
            continue
        asked = getattr(test, _KEPT, None) or hypothesis.settings()
        examples = asked.max_examples * times
        setattr(test, _KEPT, hypothesis.settings(asked, max_examples=examples, deadline=None))
        item.user_properties.append(("examples", examples))
