"""个人信息遮蔽: masks what identifies a person wherever a text is shared (domain.md §4.4).

Phones (also full-width, spaced, in Chinese digits), ID cards, bank cards, plates, WeChat names and
flat numbers. Digits of another length, such as a meter's 20, are not a phone and stay.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

COVER = "*"
METER = 20  # digits
NAMES = frozenset({"display_name", "holder"})  # fields that may name a person
CHINESE = str.maketrans("〇零○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两", "00012345678911234567892")
GAP = r"[ \-\u00b7._—–]?"
DIGIT_RUN = re.compile(rf"(?<!\d)\+?\d(?:{GAP}\d)*[Xx]?")
GROUP = re.compile(r"\+?\d+[Xx]?")
PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]"
    r"[A-Z][ \u00b7.\-]?[A-Z0-9]{4,5}[A-Z0-9挂学警港澳]",
    re.IGNORECASE,
)
WECHAT = re.compile(
    r"(?:微信号?|weixin|wechat|vx|v信|薇信|(?<![a-z])wx(?=\s*[::]))"
    r"\s*(?:是|为|号|[::])?\s*([A-Za-z][-_A-Za-z0-9]{5,19})",
    re.IGNORECASE,
)
WX_NAME = re.compile(r"(?<![A-Za-z0-9])(wx(?:id)?_[-_A-Za-z0-9]{3,19})", re.IGNORECASE)
NUMBER = r"[0-9一二三四五六七八九十百零〇]{1,4}"
FLAT = re.compile(
    rf"(?:{NUMBER}\s*(?:栋|幢|号楼|座)\s*)?{NUMBER}\s*单元\s*(?:{NUMBER}\s*[楼层]\s*)?"
    rf"{NUMBER}\s*[室号户]?|{NUMBER}\s*(?:栋|幢|号楼|座)\s*\d{{3,4}}\s*[室号户]?|\d{{3,4}}\s*[室户]"
)
MOBILE = re.compile(r"(?:\+?0{0,2}86)?1[3-9]\d{9}")
LANDLINE = re.compile(r"(?:0\d{2,3}\d{7,8}|400\d{7})")
BANK_CARD = re.compile(r"(?:62\d{14,17}|[45]\d{15,18})")
ID_CARD = re.compile(r"[1-9]\d{5}(?:18|19|20)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]")

Span = tuple[int, int]


def masked(text: str) -> str:
    """The text with personal data replaced by `*`; its length does not change."""
    plain = _narrow(text)
    characters = list(text)
    for start, end in _spans(plain):
        for place in range(start, end):
            if not text[place].isspace():
                characters[place] = COVER
    return "".join(characters)


def masked_phone(phone: str) -> str:
    """The last two digits stay, so that a person can tell two numbers apart."""
    return COVER * max(len(phone) - 2, 0) + phone[-2:] if len(phone) > 4 else COVER * len(phone)


def masked_contact(contact: Mapping[str, Any]) -> dict[str, Any]:
    """A reporter's contact for those who may not see it: family name and last two digits."""
    name, phone = contact.get("name"), contact.get("phone")
    return {
        "name": name[:1] + COVER * 2 if name else None,
        "phone": masked_phone(phone) if phone else None,
    }


def masked_words(body: Any) -> Any:
    """Masks a body of `contents`: a text, a contact, or None if erased."""
    if isinstance(body, str):
        return masked(body)
    return masked_contact(body) if isinstance(body, dict) else body


def masked_facts(facts: Any, name: str = "") -> Any:
    """An event's facts with people's names and phones masked, at any depth."""
    if isinstance(facts, dict):
        return {key: masked_facts(value, key) for key, value in facts.items()}
    if isinstance(facts, list):
        return [masked_facts(value, name) for value in facts]
    if not isinstance(facts, str):
        return facts
    return masked_contact({"name": facts})["name"] if name in NAMES else masked(facts)


def _narrow(text: str) -> str:
    """Full-width and Chinese digits as ASCII, one character each, so that indexes stay the same."""
    return "".join(_narrow_one(character) for character in text).translate(CHINESE)


def _narrow_one(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _spans(plain: str) -> Iterator[Span]:
    for run in DIGIT_RUN.finditer(plain):
        yield from _in_run(run.group(), run.start())
    for pattern, group in ((PLATE, 0), (WECHAT, 1), (WX_NAME, 1), (FLAT, 0)):
        for found in pattern.finditer(plain):
            yield found.span(group)


def _in_run(run: str, offset: int) -> Iterator[Span]:
    """The secrets in a run of digit groups: the longest sequences of whole groups that are one.

    A group is never cut, so no phone is found inside a meter's 20 digits. The groups of a meter
    number written in fours are not joined to a phone either.
    """
    if sum(character.isdigit() for character in run) == METER:
        groups = [found.span() for found in GROUP.finditer(run) if found.end() - found.start() > 4]
    else:
        groups = [found.span() for found in GROUP.finditer(run)]
    first = 0
    while first < len(groups):
        last = next(
            (
                last
                for last in reversed(range(first, len(groups)))
                if _is_secret(run[groups[first][0] : groups[last][1]])
            ),
            None,
        )
        if last is not None:
            yield offset + groups[first][0], offset + groups[last][1]
        first = first + 1 if last is None else last + 1


def _is_secret(run: str) -> bool:
    digits = re.sub(r"[^\dXx]", "", run)
    bare = digits.rstrip("Xx")
    phone = MOBILE.fullmatch(bare) or LANDLINE.fullmatch(bare)
    return bool(phone or ID_CARD.fullmatch(digits) or BANK_CARD.fullmatch(bare))
