"""What was said or shown with a fact: the event names it, the words stand in `contents`."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Said:
    """That something was said or shown: where it stands in `contents`, and its salted digest.

    `kind` is text, title, address, reporter, note, reason, basis, photo, photo_before or
    photo_after.
    """

    id: UUID
    kind: str
    digest: str
