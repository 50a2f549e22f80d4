"""Styles, scripts and icons, ours and those that `npm run build` put into `web/dist`.

Served from memory under a name that changes with their content.
A phone fetches them once: the address holds the digest of all, so they may be kept for ever.
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
# What a resident's pages need of them: on a weak signal each kilobyte is waited for.
PHONE_SHEETS = ("tokens", "base", "controls", "clock", "rail", "forms", "phone", "print")
# A grid worker's: a phone's, with the forms of the desk.
GRID_SHEETS = (*PHONE_SHEETS[:-1], "desk", "grid", "print")
# The leader's board, besides `ui.css`: no other page pays for it.
BOARD_SHEETS = ("board",)
IMPORT = re.compile(r'^(?:import|\}) [^"]*"\./([\w-]+\.js)";$', re.MULTILINE)
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}

router = APIRouter(include_in_schema=False)


@cache
def files() -> dict[str, bytes]:
    """Every asset by name; the sheets, in their order, as one for each kind of page."""
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
    """A script for the head of a page, with all that it imports named beside it: on a weak signal
    each that is found out only after another has come is a wait more.
    """
    needed = "".join(
        f'<link rel="modulepreload" href="{address(module)}">' for module in modules(name)
    )
    return Markup(f'{needed}<script type="module" src="{address(name)}"></script>')


@cache
def modules(name: str) -> tuple[str, ...]:
    """The scripts that a script imports, and theirs."""
    found: dict[str, None] = {}
    for imported in IMPORT.findall(files()[name].decode()):
        found |= dict.fromkeys((imported, *modules(imported)))
    return tuple(found)


@router.get("/assets/{seen}/{name}")
def asset(seen: str, name: str) -> Response:
    """An old address still answers, with what there is now, and is then not kept."""
    content = files().get(name)
    if content is None:
        return Response(status_code=404)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = FOR_EVER if seen == version() else None
    return Response(content, media_type=kind, headers=headers)
