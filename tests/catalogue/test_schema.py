import jsonschema
import pytest

from loket.catalogue.reading import read
from loket.catalogue.schema import json_schema
from tests.catalogue.samples import PACK, spoiled


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_a_sound_pack_fits_the_schema(validator: jsonschema.Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(read(PACK).data)] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("takes_minutes: 4\n", "takes_minuts: 4\n"),
        ("kind: review", "kind: reviw"),
        ("kind: name", "kind: nane"),
        ("display: true", "dispaly: true"),
        ("outcome: granted", "outcome: given"),
        ("effects: [{tell: [coast-guard]}]", "effects: [{tell: a, count: b}]"),
        ("key: fishing-permit", "key: Fishing Permit"),
    ],
)
def test_a_bad_pack_does_not_fit(validator: jsonschema.Draft202012Validator, old: str, new: str) -> None:
    assert not validator.is_valid(read(spoiled(old, new)).data)
