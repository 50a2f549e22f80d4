"""A few drawn pictures used as photos in the demo; small, because there are thousands."""

import io
from functools import cache
from random import Random

from PIL import Image, ImageDraw

SIDE, THUMB = (320, 240), (160, 120)
SCENES = 8


@cache
def scene(number: int, mended: bool) -> tuple[bytes, bytes]:
    """One of SCENES streets, with a problem or `mended`; and its thumbnail."""
    random = Random(number)
    image = Image.new("RGB", SIDE, (190 + random.randrange(30), 215, 235))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 150, *SIDE), fill=(120, 120, 125))
    for left in range(0, SIDE[0], 64):
        top, grey = random.randrange(30, 100), random.randrange(140, 220)
        draw.rectangle((left, top, left + 56, 150), fill=(grey, grey - 15, grey - 30))
    draw.rectangle((0, 192, SIDE[0], 198), fill=(230, 230, 220))
    if not mended:
        x, y = random.randrange(60, 240), random.randrange(165, 210)
        draw.ellipse((x, y, x + 60, y + 26), fill=(45, 40, 35))
        draw.line((x - 12, y - 8, x + 70, y + 34), fill=(200, 60, 40), width=4)
    return _jpeg(image), _jpeg(image.resize(THUMB))


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=45, optimize=True)
    return out.getvalue()
