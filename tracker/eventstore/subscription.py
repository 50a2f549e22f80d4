"""The library's subscription over our log, for those who want single events in a loop."""

from collections.abc import Sequence
from threading import Thread
from typing import TYPE_CHECKING, Any

from eventsourcing.persistence import ListenNotifySubscription

if TYPE_CHECKING:
    from tracker.eventstore.recorder import ShaodaoRecorder


class LogSubscription(ListenNotifySubscription["ShaodaoRecorder"]):
    """Yields events as they become readable; waits after the last one. A context manager.

    The library's own waits for notifications alone. Ours also looks by itself: at a notification
    the new events may still be above the horizon, and no second one would follow.
    """

    def __init__(
        self, recorder: "ShaodaoRecorder", gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder, gt=gt, topics=topics)
        self._listen_thread = Thread(target=self._listen, name="log-subscription", daemon=True)
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    def _listen(self) -> None:
        with self._recorder.listener() as listener:
            while not self._has_been_stopped:
                listener.wait()
                self._has_been_notified.set()
