"""The pages of the two services as a browser sends them."""

from collections.abc import Mapping
from typing import Any

ADDRESS_BASE = "/en/apply/civil-registry/change-of-address/"
INFORMATION_BASE = "/en/apply/information-commission/freedom-of-information-request/"


def whole_date(name: str, year: int, month: int, day: int) -> dict[str, object]:
    return {f"q-{name}-day": day, f"q-{name}-month": month, f"q-{name}-year": year}


INFORMATION_PAGES: Mapping[str, Mapping[str, Any]] = {
    "request": {"q-topic": "Cost of the market road", "q-information": "What did the road cost?"},
    "period": whole_date("period_from", 2025, 1, 1),
    "form_of_access": {"q-form_of_access": "email"},
    "email": {"q-email_address": "odhiambo@example.com"},
    "personal": {"q-about_me": "yes"},
}
# Goes on where the file page was passed over.
WITHOUT_FILE: Mapping[str, Mapping[str, Any]] = {
    **INFORMATION_PAGES,
    "personal": {"q-about_me": "no"},
    "urgency": {"q-urgent": "no"},
    "name": {"q-full_name": "Odhiambo Okoth"},
    "acting": {"q-for_organisation": "no"},
    "contact": {"q-contact": "email", "q-contact-email": "odhiambo@example.com"},
    "declaration": {"q-declaration": "yes"},
}
