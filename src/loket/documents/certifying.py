"""What a certificate shows, in its language."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from loket.documents import qr, typesetting
from loket.documents.payload import MARK
from loket.documents.types import CertificateOrder
from loket.kernel.text import in_language
from loket.kernel.words import long_date


def pdf(order: CertificateOrder, number: str, payload: str, at: datetime) -> bytes:
    """Refuses TypesettingRefused and TooMuchToSign."""
    template = order.template or typesetting.own_template("certificate")
    images = {
        **typesetting.drawings(order.agency),
        "code": qr.drawing(settings.PUBLIC_ADDRESS, payload),
    }
    return typesetting.typeset(template, _data(order, number, payload), images, at)


def _data(order: CertificateOrder, number: str, payload: str) -> Mapping[str, object]:
    language = order.language
    with translation.override(language):
        return {
            **typesetting.around(order.agency, language),
            "title": in_language(order.title, language),
            "says": order.says,
            "holder": order.holder,
            "facts": [
                {"key": fact.key, "label": in_language(fact.label, language), "value": fact.value}
                for fact in order.facts
            ],
            "number": number,
            "reference": order.reference,
            "issued": long_date(order.issued_on),
            "expires": long_date(order.expires_on) if order.expires_on else "",
            "mark": MARK + payload,
            "address": f"{settings.PUBLIC_ADDRESS}/verify/",
            "words": {
                "holder": _("Made out to"),
                "number": _("Number"),
                "issued": _("Issued on"),
                "expires": _("Valid until"),
                "for_good": _("No end"),
                "reference": _("Application"),
                "check": _("Is this genuine?"),
                "how": _(
                    "Scan the code with a phone, or open the address below and type the number. The page "
                    "shows what was certified, and whether it is still valid. Compare it with this paper."
                ),
                "code": _("Code that leads to the page where this document is checked"),
                "logo": _("Mark of the agency"),
            },
        }
