"""What people apply for, page by page, and how they type it."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from PIL import Image

from benchmarks.crash.browser import Upload

_TOWNS = ("Tumaini", "Bandarini", "Mlimani", "Kijani Bay")
_NAMES = ("Zuhura Mwinyi", "Siti Aminah", "Odhiambo Okoth", "Dewi Kartika Sari", "Achieng Adhiambo")


@dataclass(frozen=True, slots=True)
class Typed:
    """A page to be filled in: answers as they are stored, and files by question."""

    answers: Mapping[str, object]
    files: Mapping[str, Upload]

    @property
    def digests(self) -> dict[str, str]:
        """Of files that are kept as they came; an image is made anew."""
        return {
            name: "" if upload.media_type.startswith("image/") else hashlib.sha256(upload.content).hexdigest()
            for name, upload in self.files.items()
        }

    @property
    def fields(self) -> dict[str, object]:
        found: dict[str, object] = {}
        for name, value in self.answers.items():
            found |= _fields(f"q-{name}", value)
        return found


@dataclass(frozen=True, slots=True)
class Service:
    agency: str
    key: str
    has_fee: bool
    pages: Sequence[str]

    @property
    def base(self) -> str:
        return f"/en/apply/{self.agency}/{self.key}/"


ADDRESS = Service("civil-registry", "change-of-address", False, ("name", "new", "contact"))
INFORMATION = Service("information-commission", "freedom-of-information-request", False, ("request", "name"))
CONDUCT = Service("police-service", "certificate-of-good-conduct", True, ("purpose", "name", "home"))
LICENCE = Service("transport-authority", "driving-licence-renewal", True, ("licence", "name", "years"))
SERVICES = (ADDRESS, INFORMATION, CONDUCT, LICENCE)


def typed(service: Service, mark: str, by: Random, today: date) -> dict[str, Typed]:
    """What somebody types on every page they may be asked, by page."""
    contact = {"contact": {"channel": "email", "address": mark}}
    pages: dict[str, Mapping[str, object]] = {
        "name": {"full_name": by.choice(_NAMES)},
        "contact": contact,
        "declaration": {"declaration": True},
    }
    files: dict[str, Mapping[str, Upload]] = {}
    if service is ADDRESS:
        pages |= _address(by, today)
    elif service is INFORMATION:
        pages |= _information(mark, by)
        files["proof"] = {"identity_proof": _pdf(by)}
    elif service is CONDUCT:
        pages |= _conduct(by)
        files["card"] = {"id_card": _pdf(by) if by.random() < 0.5 else _photo(by)}
    else:
        pages |= _licence(by, today)
        files["photo"] = {"photo": _photo(by)}
    return {page: Typed(pages.get(page, {}), files.get(page, {})) for page in dict.fromkeys([*pages, *files])}


def _address(by: Random, today: date) -> dict[str, Mapping[str, object]]:
    told = by.sample(["tax-authority", "transport-authority", "health-insurance"], by.randint(1, 3))
    order = ["tax-authority", "transport-authority", "health-insurance"]
    return {
        "birth": {"date_of_birth": _birthday(by)},
        "identity": {"national_id": _digits(by)},
        "who": {"who_is_moving": "me"},
        "old": {"old_address": _home(by, 1)},
        "new": {"new_address": _home(by, 101)},
        "date": {"move_date": (today + timedelta(days=by.randint(-30, 30))).isoformat()},
        "letters": {"letters_to_new_address": True},
        "tell": {"agencies_to_tell": sorted(told, key=order.index)},
    }


def _information(mark: str, by: Random) -> dict[str, Mapping[str, object]]:
    return {
        "request": {
            "topic": f"Road number {by.randint(1, 9999)}",
            "information": f"What did the road cost, of which {mark} heard?",
        },
        "period": {"period_from": "2025-01-01"},
        "form_of_access": {"form_of_access": "email"},
        "email": {"email_address": mark},
        "personal": {"about_me": by.random() < 0.5},
        "urgency": {"urgent": False},
        "acting": {"for_organisation": False},
    }


def _conduct(by: Random) -> dict[str, Mapping[str, object]]:
    return {
        "purpose": {"purpose": by.choice(["job", "travel", "licence"])},
        "birth": {"date_of_birth": _birthday(by)},
        "birthplace": {"place_of_birth": by.choice(_TOWNS)},
        "identity": {"national_id": _digits(by)},
        "home": {"home_address": _home(by, 1)},
    }


def _licence(by: Random, today: date) -> dict[str, Mapping[str, object]]:
    return {
        "licence": {"licence_number": f"DL{by.randint(100000, 999999)}"},
        "ends": {"ends_on": (today + timedelta(days=by.randint(1, 60))).isoformat()},
        "birth": {"date_of_birth": _birthday(by)},
        "years": {"years": by.choice(["1", "3"])},
        "centre": {"chosen_centre": by.choice(["tumaini-licensing", "bandarini-licensing"])},
    }


def changed(page: Typed, by: Random) -> Typed:
    """The page with other answers where that is easy, for somebody who goes back."""
    answers = dict(page.answers)
    for name, value in answers.items():
        if name == "full_name":
            answers[name] = f"{value} {by.choice(('Hassan', 'Sari', 'Otieno', 'Wambui'))}"
        elif name == "years":
            answers[name] = "3" if value == "1" else "1"
        elif isinstance(value, dict) and "line1" in value:
            answers[name] = {**value, "line1": f"{by.randint(201, 299)} Harbour Road"}
    return Typed(answers, {})


def _fields(name: str, value: object) -> dict[str, object]:
    if isinstance(value, dict) and "channel" in value:
        return {name: value["channel"], f"{name}-{value['channel']}": value["address"]}
    if isinstance(value, dict):
        return {f"{name}-{part}": one for part, one in value.items()}
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    if isinstance(value, list):
        return {name: value}
    text = str(value)
    if len(text) == 10 and text[4] == text[7] == "-" and text.replace("-", "").isdecimal():
        year, month, day = text.split("-")
        return {f"{name}-day": int(day), f"{name}-month": int(month), f"{name}-year": year}
    return {name: text}


def _home(by: Random, number: int) -> dict[str, str]:
    return {
        "line1": f"{number + by.randint(0, 90)} Mtaa wa Mnazi",
        "line2": "",
        "town": by.choice(_TOWNS),
        "region": "",
        "postcode": f"{by.randint(10000, 99999)}",
        "country": "",
    }


def _birthday(by: Random) -> str:
    return date(by.randint(1970, 2000), by.randint(1, 12), by.randint(1, 28)).isoformat()


def _digits(by: Random) -> str:
    return f"{by.randint(10_000_000, 99_999_999)}"


def _pdf(by: Random) -> Upload:
    filling = by.randbytes(by.randint(2_000, 60_000)).hex().encode()
    content = (
        b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj\n%" + filling + b"\ntrailer <</Root 1 0 R>>\n%%EOF\n"
    )
    return Upload("proof.pdf", "application/pdf", content)


def _photo(by: Random) -> Upload:
    out = io.BytesIO()
    colour = (by.randint(0, 255), by.randint(0, 255), by.randint(0, 255))
    Image.new("RGB", (by.randint(80, 200), by.randint(80, 200)), colour).save(out, "JPEG")
    return Upload("face.jpg", "image/jpeg", out.getvalue())
