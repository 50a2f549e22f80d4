"""A lock file with one live owner: the kernel releases it when the owner dies, in any way."""

import fcntl
import os
from pathlib import Path
from typing import IO


class HeldByAnother(Exception):
    """A live process holds the file; `owner` is the text that it wrote into the file."""

    def __init__(self, path: Path, owner: str) -> None:
        super().__init__(f"{path} is held by process {owner}")
        self.owner = owner


def hold(path: Path) -> IO[str]:
    """Hold the file until it is closed or this process ends; children do not inherit it."""
    held = path.open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        owner = held.read().strip() or "unknown"
        held.close()
        raise HeldByAnother(path, owner) from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held
