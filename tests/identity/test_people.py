"""People and their posts as rows."""

import pytest
from django.db import IntegrityError, connection, transaction

from loket.identity.models import Agency, Membership, Person, Team

pytestmark = pytest.mark.django_db


def test_address_is_one_person_whatever_its_case() -> None:
    Person.objects.create(email="Siti@Example.org")
    assert Person.objects.get_by_natural_key("SITI@example.ORG").email == "siti@example.org"
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.create(email="siti@EXAMPLE.org")


def test_address_in_capitals_is_refused_by_the_database_itself() -> None:
    person = Person.objects.create(email="siti@example.org")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE identity_person SET email = 'Siti@example.org' WHERE id = %s", [person.pk])


def test_same_post_twice_is_refused_also_without_a_team() -> None:
    person = Person.objects.create(email="a@example.org")
    agency = Agency.objects.create(key="water", names={"en": "Water"})
    team = Team.objects.create(agency=agency, key="leaks", names={"en": "Leaks"})
    for where in (None, team):
        Membership.objects.create(person=person, agency=agency, team=where, role="officer")
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership.objects.create(person=person, agency=agency, team=where, role="officer")


def test_colour_that_is_no_colour_is_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Agency.objects.create(key="x", names={}, brand_colour="red;}a{")
