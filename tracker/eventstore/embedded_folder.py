"""The embedded server's folders: owner, permissions, and processes that a crash left running."""

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

# PostgreSQL refuses to run as root; under root it runs as this account.
ACCOUNT_UNDER_ROOT = "pgserver"
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET = 103  # bytes, on macOS; Linux takes 107


class EmbeddedError(Exception):
    """The embedded server cannot serve; the message says why and what to do."""


def account_for(data: Path) -> str | None:
    """The account that the server runs as: this one (None), or under root the data's owner."""
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


def allow_entry(account: str, *paths: Path) -> None:
    """Let the account enter (not list) the folders above: the clone may be in a private home."""
    uid = pwd.getpwnam(account).pw_uid
    for path in paths:
        for folder in (path, *path.parents):
            found = folder.stat()
            if found.st_uid != uid and not found.st_mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)


def socket_folder(folder: Path) -> Path:
    """Beside the data if the path fits into a socket's address, else a short private folder.

    The same data folder always gives the same one.
    """
    beside = folder / "socket"
    if len(os.fsencode(beside / SOCKET_NAME)) <= LONGEST_SOCKET:
        return beside
    owner = folder.stat().st_uid if folder.exists() else os.geteuid()
    name = hashlib.sha256(f"{owner}:{folder}".encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"shaodao-{name}"


def private(folder: Path, account: str | None) -> Path:
    """Make a folder that only the server's account can enter: the socket asks for no password."""
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
    """End the processes of a server whose owner is dead. The caller holds the folder's lock.

    After kill -9 of a postmaster its backends may live on for a while. They keep its shared memory,
    and a new postmaster refuses to start while it exists. A backend is found by its working folder.
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
