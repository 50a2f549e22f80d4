"""Which category the words of a whistle suggest, before and after the catalogue changes."""

from collections.abc import Iterator, Sequence

from tracker.city.changing.at_work import up_to_date
from tracker.city.changing.city_change import Effect, Preview
from tracker.commands.tracker import Tracker
from tracker.directory import Directory
from tracker.domain.city.catalogue import Category
from tracker.domain.errors import Words
from tracker.domain.whistle.states import State
from tracker.eventstore.connections import Connection
from tracker.routing.routing import plain, suggest

WORDS = Words(
    zh="关键词试算:{n} 个关键词里 {own} 个会归到这一类",
    en="Keywords tried out: {own} of {n} would lead to this category",
)
READ = Words(
    zh="待分类的 {n} 件按原话试算:{to} 件会改荐到这一类,{away} 件不再荐到这一类;已给出的建议不变",
    en="{n} open whistles wait to be classified. Read again, {to} would be suggested this category"
    " and {away} no longer; what was suggested stays",
)

# Reads the open part of board by board_newest, and contents by contents_pkey.
WAITING = """
    SELECT said.body #>> '{}' AS text
      FROM board
      JOIN contents said ON said.id = board.text_id
     WHERE board.state = %(raised)s AND said.body IS NOT NULL
     ORDER BY board.registered_at DESC
"""


def texts_waiting(connection: Connection) -> list[str]:
    """The texts of the whistles that nobody has classified yet."""
    rows = up_to_date(connection).execute(WAITING, {"raised": State.RAISED}).fetchall()
    return [str(row[0]) for row in rows]


def suggestions_moved(
    tracker: Tracker, preview: Preview, code: str, keywords: Sequence[str]
) -> Iterator[Effect]:
    """How many waiting whistles would be suggested `code`, or no longer, by these `keywords`."""
    with tracker.connection() as connection:
        texts = texts_waiting(connection)
    touched = [text for text in texts if any(plain(word) in plain(text) for word in keywords)]
    was = [suggested(preview.before, text) == code for text in touched]
    now = [suggested(preview.after, text) == code for text in touched]
    to = sum(after and not before for before, after in zip(was, now, strict=True))
    away = sum(before and not after for before, after in zip(was, now, strict=True))
    yield Effect(READ, {"n": len(texts), "to": to, "away": away})


def keywords_tried(city: Directory, category: Category) -> Effect:
    """How many of its keywords, each read alone, suggest it; fewer than all is a warning."""
    own = sum(suggested(city, keyword) == category.code for keyword in category.keywords)
    n = len(category.keywords)
    return Effect(WORDS, {"n": n, "own": own}, warns=own < n)


def suggested(city: Directory, text: str) -> str | None:
    found = suggest(city, text)
    return found.category if found else None
