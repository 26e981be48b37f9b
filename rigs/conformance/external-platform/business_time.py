"""Business time (reference/contracts/party-control.openapi.yaml): the system's, until it is moved; then it stands."""

import threading
import time
from datetime import datetime, timezone


class BusinessTime:
    """What holds, codes and ends of life are reckoned by. Time limits of connections are wall time, not this."""

    def __init__(self, changed):
        """`changed()` starts what has fallen due; called when time was moved, and 5 times a second while it goes by itself."""
        self._stands_at_ms = None
        self._changed = changed
        threading.Thread(target=self._run, daemon=True).start()

    def now_ms(self):
        stands = self._stands_at_ms
        return int(time.time() * 1000) if stands is None else stands

    def move_to(self, epoch_ms):
        self._stands_at_ms = epoch_ms
        self._changed()

    def _run(self):
        while True:
            time.sleep(0.2)
            if self._stands_at_ms is None:
                self._changed()


def rfc3339(epoch_ms):
    return datetime.fromtimestamp(epoch_ms / 1000, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch_ms_of(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)
