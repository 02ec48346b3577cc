"""The code on a certificate, as a drawing."""

from io import BytesIO

import segno

from loket.kernel.refusals import Refusal


class TooMuchToSign(Refusal):
    """The signed facts are too long for a code that a phone can read from paper."""

    code = "too_much_to_sign"


# Finer ones blur when a phone photographs them at the size they are printed in.
_FINEST = 25


def drawing(address: str, payload: str) -> str:
    """An SVG. The payload's letters take 5½ bits each, since no small letter is among them."""
    parts = [(f"{address}/verify/", segno.consts.MODE_BYTE), (payload, segno.consts.MODE_ALPHANUMERIC)]
    try:
        code = segno.make(parts, error="m", micro=False, boost_error=False)  # type: ignore[arg-type]
    except segno.DataOverflowError:
        raise TooMuchToSign() from None
    if int(code.version) > _FINEST:
        raise TooMuchToSign()
    out = BytesIO()
    code.save(out, kind="svg", xmldecl=False, svgns=True, border=4, unit=None, omitsize=True)
    return out.getvalue().decode()
