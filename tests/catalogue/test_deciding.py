"""Tables, fees, waivers, documents and reminders: what lint finds in them, and where."""

import pytest

from loket.catalogue.lint import Surroundings, lint_text
from loket.catalogue.types import Finding, Level
from tests.catalogue.samples import PACK, place_of

_BECAUSE = "{en: Because., id: Karena., sw: Kwa sababu.}"
_LABEL = "{en: Fee, id: Biaya, sw: Ada}"
DECIDING = f"""\
tables:
  tariff:
    rules:
      - {{when: water == "lake", gives: {{amount: "'1050.00'", share: "0"}}, because: {_BECAUSE}}}
      - {{when: water == "sea", gives: {{amount: "'3050.00'", share: "0.5"}}, because: {_BECAUSE}}}
  extras:
    hit: collect
    rules:
      - {{when: tariff.share > 0, gives: {{what: "'boat'"}}, because: {_BECAUSE}}}
fees:
  - {{id: permit, label: {_LABEL}, currency: KES, amount: tariff.amount, says: {_LABEL}}}
  - {{id: card, label: {_LABEL}, currency: KES, amount: "'50.00'"}}
waivers:
  - {{id: poor, label: {_LABEL}, of: [permit], share: tariff.share, proof: letter}}
payment: {{within: {{days: 14}}, remind: {{days: 2}}}}
documents:
  permit:
    title: {_LABEL}
    holder: full_name
    says: {_LABEL}
    facts: {{born: {{label: {_LABEL}, value: born, signed: true}}}}
    valid: {{years: 1}}
remind: [{{before: expiry, days: 60, of: permit}}]
"""
_FILE = """\
        - id: letter
          kind: file
          required: false
          label: {en: Upload your letter, id: Unggah surat Anda, sw: Pakia barua yako}
        - id: full_name
"""
SOUND = (
    PACK.replace("        - id: full_name\n", _FILE)
    .replace("effects: [{tell: [coast-guard]}]", "effects: [{issue: permit}]")
    .replace("workflow:\n", DECIDING + "workflow:\n", 1)
)
KNOWN = Surroundings(teams={"permits"}, effects={"issue": lambda argument, questions: ()})


def _findings(text: str) -> tuple[Finding, ...]:
    grave = (Level.ERROR, Level.WARNING, Level.NOT_SHOWN)
    found = lint_text(text, surroundings=KNOWN)
    return tuple(each for each in found if each.level in grave and each.code != "personal-display")


def test_a_sound_pack_that_charges_and_issues_has_no_findings() -> None:
    assert _findings(SOUND) == ()


def test_every_text_of_the_new_parts_is_wanted_in_every_language() -> None:
    missing = SOUND.replace(", sw: Kwa sababu.}", "}").replace(", sw: Ada}", "}")
    found = [each for each in _findings(missing) if each.code == "text-missing"]
    assert len(found) == SOUND.count("sw: Kwa sababu.") + SOUND.count("sw: Ada")


@pytest.mark.parametrize(
    ("old", "new", "at", "code"),
    [
        # Names and their order.
        ("share: tariff.share,", "share: tarif.share,", "tarif.share", "unknown-name"),
        ("share: tariff.share,", "share: tariff.shore,", "tariff.shore", "unknown-field"),
        ('when: water == "lake"', 'when: watr == "lake"', "watr", "unknown-name"),
        ('when: water == "lake"', 'when: water == "like"', '"like"', "not-an-option"),
        ('when: water == "lake"', 'when: "extras.what.size() > 0"', '"extras', "asked-later"),
        ("  tariff:\n", "  born:\n", "born:\n    rules", "twice"),
        ("  extras:\n", "  null:\n", "null:\n    hit", "reserved"),
        ("id: card", "id: permit", "\"'50.00", "twice"),
        ("of: [permit],", "of: [permt],", "permt", "fee-unknown"),
        ("proof: letter", "proof: born", "born}\npayment", "proof-is-no-file"),
        ("of: permit}]", "of: licence}]", "licence}]", "document-unknown"),
        ("[{issue: permit}]", "[{issue: licence}]", "licence}]", "document-unknown"),
        ("    valid: {years: 1}\n", "", "permit}]\nworkflow", "never-expires"),
        # Types.
        ('when: water == "lake"', "when: water", "water, gives", "wrong-type"),
        ("share: tariff.share,", "share: tariff.amount,", "tariff.amount, proof", "wrong-type"),
        ("amount: tariff.amount", "amount: born", "born, says", "wrong-type"),
        ("holder: full_name", "holder: born", "holder: born\n", "wrong-type"),
        ("value: born,", "value: letter,", "letter, signed", "wrong-type"),
        ("valid: {years: 1}", "valid: {years: full_name}", "full_name}", "wrong-type"),
        ("amount: \"'3050.00'\"", 'amount: "3050"', "rules:\n      - {when: water", "outputs-differ"),
        # Values written out.
        ("amount: \"'50.00'\"", "amount: \"'fifty'\"", "\"'fifty'\"", "amount-unreadable"),
        ("amount: \"'50.00'\"", 'amount: "-50"', '"-50"', "amount-negative"),
        ("\"'3050.00'\"", "\"'305O.00'\"", "\"'305O.00'\"", "amount-unreadable"),
        ('share: "0.5"', 'share: "1.5"', '"1.5"', "share-out-of-range"),
        ("amount: \"'50.00'\"", "amount: \"money('50', 'IDR')\"", "", ""),
        # Rules.
        ('{when: water == "sea"', '{when: water == "lake"', "3050", "rule-twice"),
        ('{when: water == "sea"', '{when: water == "lake"', "3050", "rule-unreachable"),
        ('{when: water == "sea"', '{when: water == "lake"', "rules:\n", "table-incomplete"),
        ('{when: water == "sea"', '{when: age(born) > 18', "rules:\n", "table-incomplete"),
        # Fees and their payment.
        (f", says: {_LABEL}}}\n  - {{id: card", "}\n  - {id: card", "{id: permit", "fee-unsaid"),
        ("KES, amount: \"", "IDR, amount: \"", "IDR", "currency-mixed"),
        ("KES, amount: \"", "ZZZ, amount: \"", "ZZZ", "currency-unknown"),
        ("currency: KES, amount: \"", "currency: KES, round: 0.001, amount: \"", "0.001", "round-unpayable"),
        ("remind: {days: 2}}", "remind: {days: 14}}", "{days: 14}}", "reminder-too-early"),
        # Stages and endings.
        ("refused: {kind", "lapsed_unpaid: {kind", "lapsed_unpaid: {kind", "stage-reserved"),
        ("[{issue: permit}]", "[]", "permit:\n    title", "document-unissued"),
        ("\"sea\"', to: check}", "\"sea\"', to: refused}", "{when: 'water", "because-missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_at_its_place(old: str, new: str, at: str, code: str) -> None:
    assert SOUND.count(old) == 1, f"{old!r} is there {SOUND.count(old)} times"
    text = SOUND.replace(old, new)
    found = [each for each in _findings(text) if each.code == code]
    if code:
        assert found, [str(each) for each in _findings(text)]
        assert place_of(text, at)[0] in {each.line for each in found}


def test_an_incomplete_table_is_told_with_a_case_that_nobody_thought_of() -> None:
    text = SOUND.replace(
        "- {value: sea,", "- {value: river, label: {en: A, id: B, sw: C}}\n            - {value: sea,"
    )
    (found,) = (each for each in _findings(text) if each.level is Level.ERROR)
    assert "None fits where water is “river”." in found.message


def test_what_may_stay_unanswered_is_a_case_too() -> None:
    text = SOUND.replace("- id: water\n", "- id: water\n          required: false\n")
    (found,) = (each for each in _findings(text) if each.level is Level.ERROR)
    assert "None fits where water is not answered." in found.message


def test_terms_of_payment_without_fees_wait_for_nothing() -> None:
    text = PACK.replace("workflow:\n", "payment: {within: {days: 3}}\nworkflow:\n", 1)
    assert "payment-unused" in [each.code for each in _findings(text)]


def test_a_pack_that_refuses_says_how_to_appeal() -> None:
    text = PACK[: PACK.index("appeal:")]
    assert "appeal-missing" in [each.code for each in _findings(text)]
