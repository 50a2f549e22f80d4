"""Whose the embedded server's folders are, who may pass to them, and what a dead one left there."""

import hashlib
import logging
import os
import pwd
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import psutil

logger = logging.getLogger(__name__)

# PostgreSQL refuses to run as root; under root it gets an account of its own.
ACCOUNT_UNDER_ROOT = "pgserver"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes, on macOS; Linux takes 107


class EmbeddedError(Exception):
    """The embedded server cannot serve; the message says why and what to do."""


def account_for(data: Path) -> str | None:
    """Whom the server runs as: ourselves (None), or under root the data's owner."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid).pw_name
    try:
        pwd.getpwnam(ACCOUNT_UNDER_ROOT)
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--shell", "/usr/sbin/nologin", ACCOUNT_UNDER_ROOT], check=True
        )
    return ACCOUNT_UNDER_ROOT


def let_through(account: str, *paths: Path) -> None:
    """Let the account pass (not list) the folders above: a clone may lie in a private home."""
    uid = pwd.getpwnam(account).pw_uid
    for path in paths:
        for folder in (path, *path.parents):
            found = folder.stat()
            if found.st_uid != uid and not found.st_mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def socket_folder(folder: Path) -> Path:
    """Beside the data where that fits into a socket's address, else short, private, repeatable."""
    beside = folder / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) <= LONGEST_SOCKET:
        return beside
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    name = hashlib.sha256(f"{owner}:{folder}".encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"shaodao-{name}"


def private(folder: Path, account: str | None) -> Path:
    """A folder that only the server's account enters: whoever reaches the socket is let in."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid = os.geteuid() if account is None else pwd.getpwnam(account).pw_uid
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise EmbeddedError(
            f"{folder} belongs to another user. "
            "Start as the user who started before, or set TRACKER_VAR to another folder."
        )
    if found.st_uid != uid:
        os.chown(folder, uid, -1)
    folder.chmod(0o700)
    return folder


def end_leftovers(data: Path) -> None:
    """End the processes of a server whose owner is gone; we hold the lock, so nobody wants them.

    After kill -9 of a postmaster its backends may live on for a while, and hold the shared
    memory that a new one refuses to start beside. A backend is known by its working folder.
    """
    for wish in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        left = _processes_in(data)
        if not left:
            return
        logger.warning("ending %s processes of an earlier PostgreSQL", len(left))
        for process in left:
            try:
                process.send_signal(wish)
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, timeout=5)
    if _processes_in(data):
        raise EmbeddedError(f"Processes of an earlier PostgreSQL on {data} will not end.")


def _processes_in(data: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == str(data.resolve()):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found
