"""Every environment variable that the tracker reads, once, with its default and its meaning."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGED_CITY = Path(__file__).parent / "demo" / "mengzi.json"


class SettingsError(Exception):
    """The environment asks for something that cannot be; the message says what to set."""


@dataclass(frozen=True)
class Settings:
    """What this process was told by its environment. Read once, at the start, then passed on."""

    database_url: str | None = None
    """DATABASE_URL: a PostgreSQL of your own, 15 or newer; unset: the embedded one, under `var`."""

    var: Path = Path("var")
    """TRACKER_VAR: the folder of everything that the tracker keeps on disk."""

    port: int = 8000
    """PORT: where the web listens, on 127.0.0.1."""

    city: Path = PACKAGED_CITY
    """TRACKER_CITY: the city pack that `tracker serve` loads; default: Mengzi, in the package."""

    demo_password: str | None = None
    """TRACKER_DEMO_PASSWORD: one password for all demo accounts; unset: made up, printed once."""

    secret_key: str | None = None
    """TRACKER_SECRET_KEY: keys the hashes of receipt codes; required outside demo mode.

    In demo mode it is made at the first start and kept in `var/secret-key`.
    """

    demo: bool = True
    """DEMO: `0` leaves out the simulated quarter of history in `tracker serve --demo`."""

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """An empty variable counts as unset, as in a shell's `PORT= make run`."""
        var = Path(env.get("TRACKER_VAR") or "var").expanduser().absolute()
        return cls(
            database_url=env.get("DATABASE_URL") or None,
            var=var,
            port=_port(env.get("PORT") or "8000"),
            city=Path(env.get("TRACKER_CITY") or PACKAGED_CITY).expanduser().absolute(),
            demo_password=env.get("TRACKER_DEMO_PASSWORD") or None,
            secret_key=env.get("TRACKER_SECRET_KEY") or kept_secret(var),
            demo=env.get("DEMO") != "0",
        )

    def secret(self) -> bytes:
        """The key itself; without one no receipt could ever be recognised again."""
        if self.secret_key is None:
            raise SettingsError(
                "TRACKER_SECRET_KEY is not set. Set it to a long random text and keep it: "
                "receipt codes given out under one key are not recognised under another."
            )
        return self.secret_key.encode()


def kept_secret(var: Path) -> str | None:
    """The key that demo mode keeps in the data folder, so that receipts outlive a restart."""
    try:
        return (var / "secret-key").read_text().strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def contexts_from_env(here: Sequence[str], env: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """TRACKER_CONTEXTS: which of the contexts serve, by name, with commas; unset: all of them.

    Read when the process starts, before anything else: empty means none, so that a city may keep
    to its whistles alone.
    """
    asked = env.get("TRACKER_CONTEXTS")
    if asked is None:
        return tuple(here)
    names = tuple(name.strip() for name in asked.split(",") if name.strip())
    if strangers := [name for name in names if name not in here]:
        raise SettingsError(
            f"TRACKER_CONTEXTS names {', '.join(strangers)}; there are: {', '.join(here)}."
        )
    return tuple(name for name in here if name in names)


def _port(text: str) -> int:
    if text.isascii() and text.isdecimal() and 0 < int(text) < 65536:
        return int(text)
    raise SettingsError(f"PORT is {text!r}; it must be a number from 1 to 65535.")
