"""The process that makes new and changed projections anew, beside the projector that started it."""

import logging
import signal
import subprocess
import time

from tracker.eventstore.embedded import ending_with_parent
from tracker.operating.supervisor import command, how

log = logging.getLogger(__name__)

AFTER_A_FAILURE = 5.0  # seconds
STOP_SECONDS = 10


class RebuildProcess:
    """`tracker rebuild --changed`, one at a time. The kernel ends it with the projector."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._not_before = 0.0

    def begin(self) -> None:
        """Start it, unless it runs, or failed a moment ago."""
        if self._process is not None and not self._has_ended(self._process):
            return
        if time.monotonic() >= self._not_before:
            log.info("new or changed projections are made anew, beside the living ones")
            self._process = subprocess.Popen(
                command(["rebuild", "--changed"]),
                stdin=subprocess.DEVNULL,
                preexec_fn=ending_with_parent(signal.SIGTERM),
            )

    def _has_ended(self, process: subprocess.Popen[bytes]) -> bool:
        code = process.poll()
        if code is None:
            return False
        if code != 0:
            log.warning("the rebuild ended (%s); it is tried again", how(code))
            self._not_before = time.monotonic() + AFTER_A_FAILURE
        self._process = None
        return True

    def stop(self) -> None:
        """End it: what it has made so far is dropped, the living tables serve as before."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
