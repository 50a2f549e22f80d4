"""Serves styles, scripts and icons: our own, and those that `npm run build` puts into `web/dist`.

They are held in memory. Their address contains a digest of all of them, so a browser fetches
each once and may cache it for ever.
"""

import hashlib
import mimetypes
import re
from collections.abc import Sequence
from functools import cache

from fastapi import APIRouter
from fastapi.responses import Response
from markupsafe import Markup

from api.pages.frame.speech import WEB

SHEETS = (
    *("tokens", "base", "controls", "clock", "rail", "forms"),
    *("phone", "desk", "charts", "figures", "sheet", "post", "admin", "print"),
)
# The style sheets of a resident's pages: few, because on a weak signal every kilobyte takes time.
PHONE_SHEETS = ("tokens", "base", "controls", "clock", "rail", "forms", "phone", "print")
# A grid worker's pages: those of a phone, and the forms of the desk.
GRID_SHEETS = (*PHONE_SHEETS[:-1], "desk", "grid", "print")
# The leader's board, besides `ui.css`; no other page loads these.
BOARD_SHEETS = ("board",)
IMPORT = re.compile(r'^(?:import|\}) [^"]*"\./([\w-]+\.js)";$', re.MULTILINE)
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@cache
def files() -> dict[str, bytes]:
    """Every asset by name. The sheets of each kind of page are joined into one, in order."""
    found = {"ui.css": joined(SHEETS), "phone.css": joined(PHONE_SHEETS)}
    found["grid.css"] = joined(GRID_SHEETS)
    found["board.css"] = joined(BOARD_SHEETS)
    kinds = (("styles", "*.svg"), ("icons", "*.png"), ("scripts", "*.js"), ("dist", "*.js"))
    for folder, kind in kinds:
        found |= {path.name: path.read_bytes() for path in (WEB / folder).glob(kind)}
    return found


def joined(sheets: Sequence[str]) -> bytes:
    return b"\n".join((WEB / "styles" / f"{name}.css").read_bytes() for name in sheets)


@cache
def version() -> str:
    whole = hashlib.sha256()
    for name, content in sorted(files().items()):
        whole.update(name.encode() + b"\0" + content)
    return whole.hexdigest()[:12]


def address(name: str) -> str:
    assert name in files(), name
    return f"/assets/{version()}/{name}"


@cache
def script(name: str) -> Markup:
    """A script tag with preload links for everything that the script imports. Otherwise the browser
    finds an import only after the importing file has arrived, which costs a round trip each.
    """
    needed = "".join(
        f'<link rel="modulepreload" href="{address(module)}">' for module in modules(name)
    )
    return Markup(f'{needed}<script type="module" src="{address(name)}"></script>')


@cache
def modules(name: str) -> tuple[str, ...]:
    """The scripts that a script imports, directly or through others."""
    found: dict[str, None] = {}
    for imported in IMPORT.findall(files()[name].decode()):
        found |= dict.fromkeys((imported, *modules(imported)))
    return tuple(found)


@router.get("/assets/{seen}/{name}")
def asset(seen: str, name: str) -> Response:
    """One asset. An outdated address gets the present content, which must not be cached."""
    content = files().get(name)
    if content is None:
        return Response(status_code=404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = FOR_EVER if seen == version() else None
    return Response(content, media_type=kind, headers=headers)
