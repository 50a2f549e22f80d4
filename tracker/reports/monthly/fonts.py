"""Finds a Chinese typeface on the machine. It is embedded, so every reader shows the same page."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import ImageFont

from tracker.domain.errors import Conflict, Words

FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
    Path("C:/Windows/Fonts"),
)
# The regular and the bold of one family, the better known first.
FAMILIES = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf"),
    ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf"),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf"),
    ("wqy-microhei.ttc", "wqy-microhei.ttc"),
    ("wqy-zenhei.ttc", "wqy-zenhei.ttc"),
    ("DroidSansFallbackFull.ttf", "DroidSansFallbackFull.ttf"),
    ("msyh.ttc", "msyhbd.ttc"),
    ("simhei.ttf", "simhei.ttf"),
)
MOST_FACES = 32
SIMPLIFIED = " SC"  # how the name of a collection's simplified Chinese face ends


class NoChineseFont(Conflict):
    """Without one, the pages would show empty boxes."""

    code = "report.no_font"
    message = Words(zh="本机没有中文字体,不能生成 PDF", en="This machine has no Chinese font")
    remedy = Words(
        zh="安装 fonts-noto-cjk(apt-get install fonts-noto-cjk)后再试",
        en="Install one: apt-get install fonts-noto-cjk",
    )


@dataclass(frozen=True)
class Face:
    """A font file, and which face of a collection."""

    path: Path
    number: int


@cache
def chinese() -> tuple[Face, Face]:
    """Regular and bold. Raises NoChineseFont."""
    for regular, bold in FAMILIES:
        if (found := _find(regular)) is not None:
            return _face(found), _face(_find(bold) or found)
    raise NoChineseFont


def _find(name: str) -> Path | None:
    for folder in FOLDERS:
        if folder.is_dir():
            for path in folder.rglob(name):
                return path
    return None


def _face(path: Path) -> Face:
    if path.suffix.lower() != ".ttc":
        return Face(path, 0)
    return Face(path, next(_simplified(path), 0))


def _simplified(path: Path) -> Iterator[int]:
    """The numbers of the collection's faces whose name ends in SC."""
    for number in range(MOST_FACES):
        try:
            family, _ = ImageFont.truetype(str(path), 10, index=number).getname()
        except OSError:
            return
        if (family or "").endswith(SIMPLIFIED):
            yield number
