"""A command's words and pictures: references for its event, rows for `contents`."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tracker.domain.errors import Invalid, Words
from tracker.domain.whistle.events import Said
from tracker.eventstore.connections import Pool
from tracker.eventstore.contents import Attached, Content, unattached_photos
from tracker.words.sensitive import sensitive_theme
from tracker.words.visible import has_visible


class UnknownPhoto(Invalid):
    """Never uploaded, already taken by a whistle, or deleted after a day."""

    code = "photo.unknown"
    message = Words(zh="没有这张照片:{photo}", en="There is no such picture: {photo}")
    remedy = Words(zh="请重新上传照片", en="Upload the picture again")
    field = "photos"


@dataclass
class Spoken:
    """Collects words and pictures of a command; words that nobody can see are left out.

    `sensitive`: the kinds of those words that close a whistle (domain.md §4.4).
    """

    pool: Pool
    whistle: UUID
    refs: list[Said] = field(default_factory=list)
    rows: list[Content | Attached] = field(default_factory=list)
    sensitive: set[str] = field(default_factory=set)

    def say(self, kind: str, body: Any | None) -> "Spoken":
        """Add words of one kind, e.g. `reason`; None, {} and a text without a visible character
        add nothing."""
        if has_visible(body) if isinstance(body, str) else body:
            content = Content.said(kind, body, whistle=self.whistle)
            self.refs.append(content.ref)
            self.rows.append(content)
            if isinstance(body, str) and sensitive_theme(body):
                self.sensitive.add(kind)
        return self

    def show(self, photos: Iterable[UUID], kind: str = "photo") -> "Spoken":
        """Add uploaded photos as `kind`. Raises UnknownPhoto for one that cannot be taken."""
        wanted = list(dict.fromkeys(photos))
        if not wanted:
            return self
        with self.pool.connection() as connection:
            found = unattached_photos(connection, wanted)
        for photo in wanted:
            if photo not in found:
                raise UnknownPhoto(photo=str(photo))
            self.refs.append(Said(photo, kind, found[photo].digest))
            self.rows.append(Attached(photo, kind, self.whistle))
        return self
