"""The desk's page of programs, and the command that does the same."""

import re

import pytest
from click.testing import CliRunner
from django.test import Client

from loket.config.commands.tokens import token
from loket.identity.models import ApiToken
from tests.desk.conftest import AMINA, DANIEL, SignIn

pytestmark = pytest.mark.django_db(databases=["default", "keys"])
PAGE = "/en/desk/tokens/"
FORM = {"name": "Register of the hospital", "scopes": ["cases:read"], "days": "90"}
TOKEN = re.compile(r"loket_\w{8}_[\w-]{43}")


def test_an_administrator_lets_a_program_in_sees_its_token_once_and_ends_it(as_staff: SignIn) -> None:
    boss = as_staff(DANIEL)
    assert "No program has a token yet." in boss.get(PAGE).content.decode()
    shown = TOKEN.findall(boss.post(PAGE, FORM).content.decode())
    assert len(shown) == 1
    row = ApiToken.objects.get()
    assert (row.name, row.scopes, row.expires_at is None) == (FORM["name"], FORM["scopes"], False)
    page = boss.get(PAGE).content.decode()
    assert f"loket_{row.prefix}_" in page
    assert shown[0] not in page
    bearer = {"Authorization": f"Bearer {shown[0]}"}
    assert Client().get("/api/v1/cases", headers=bearer).status_code == 200
    assert boss.post(f"{PAGE}{row.pk}/end/").status_code == 302
    assert Client().get("/api/v1/cases", headers=bearer).status_code == 401
    assert boss.post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert as_staff(AMINA).get(PAGE).status_code == 403


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": []}, {"scopes": ["everything"]}, {"name": "x" * 150}]
)
@pytest.mark.parametrize("language", ["id", "sw"])
def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    as_staff: SignIn, wrong: dict[str, object], language: str
) -> None:
    answer = as_staff(DANIEL).post(f"/{language}/desk/tokens/", FORM | wrong)
    assert answer.status_code == 422
    assert 'value="90" checked' in answer.content.decode()
    assert not ApiToken.objects.exists()


def test_the_command_issues_lists_and_revokes(place: None) -> None:
    def said(*words: str) -> str:
        result = CliRunner().invoke(token, [*words])
        assert result.exit_code == 0, result.output
        return result.output

    made = said("issue", "civil-registry", "A partner", "--scope", "applications:submit", "--days", "30")
    prefix = made.split("_")[1]
    assert TOKEN.fullmatch(made.strip())
    assert f"{prefix}  A partner  applications:submit  never used  works" in said("list", "civil-registry")
    assert "revoked" in said("revoke", "civil-registry", prefix)
    assert "ended" in said("list", "civil-registry")
    assert CliRunner().invoke(token, ["revoke", "civil-registry", "nosuch"]).exit_code == 1
    assert CliRunner().invoke(token, ["list", "nobody"]).exit_code == 1
