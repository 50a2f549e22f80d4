"""Whether a text says anything to somebody who looks at it (domain.md §4.2, raise)."""

from unicodedata import category

# Letters and symbols by their class, blank on every screen: Hangul fillers, the empty braille cell.
BLANK = frozenset("\u115f\u1160\u3164\uffa0\u2800")
# Marks that change the character before them and show nothing of their own.
JOINERS = frozenset("\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f")
SELECTORS = (range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
UNSEEN = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Cs"})


def has_visible(text: str) -> bool:
    """Whether the text has at least one visible character.

    Blanks of every width, control and format characters (zero-width, byte order mark, bidi marks)
    and fillers are none.
    """
    return any(_shows(letter) for letter in text)


def _shows(letter: str) -> bool:
    if category(letter) in UNSEEN or letter in BLANK or letter in JOINERS:
        return False
    return not any(ord(letter) in selectors for selectors in SELECTORS)
