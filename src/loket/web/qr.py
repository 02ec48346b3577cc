"""QR codes of our own addresses, inline: the content security policy has no images out of data addresses."""

import segno
from markupsafe import Markup, escape


def qr_code(address: str, name: str) -> Markup:
    """An SVG for the page that people can scan with a phone; `name` says to others what it leads to."""
    drawn = segno.make(address, error="m", micro=False).svg_inline(
        scale=4, border=4, light="#fff", svgclass="loket-qr", lineclass=None, omitsize=True
    )
    # Drawn by us from our own address; the name is escaped.
    return Markup(drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(name)}" ', 1))  # noqa: S704
