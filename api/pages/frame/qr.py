"""A QR code as a picture in the page."""

import io

import segno
from markupsafe import Markup


def qr_of(text: str) -> Markup:
    """An SVG without style attributes. The code comes after #, which browsers do not send."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, nl=False, border=0
    )
    return Markup(out.getvalue().decode())
