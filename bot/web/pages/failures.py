"""Failures: whoever fails to come in again and again is let try no more for a while."""

from __future__ import annotations

import math
from collections import OrderedDict, deque

MOST = 10
"""Tries of one address that may fail within a SPAN."""
SPAN = 600.0
"""Seconds."""
KNOWN = 10_000
"""Addresses that are remembered; of more the latest."""


class Failures:
    """Counts them by the address that they came from; moments are seconds that only grow."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[float]] = OrderedDict()

    def failed(self, peer: str, now: float) -> None:
        """Count one more."""
        known = self._of.setdefault(peer, deque(maxlen=MOST))
        known.append(now)
        self._of.move_to_end(peer)
        while len(self._of) > KNOWN:
            self._of.popitem(last=False)

    def wait(self, peer: str, now: float) -> int:
        """Seconds until this address may try again; 0 when it may now."""
        known = self._of.get(peer)
        if known is None or len(known) < MOST:
            return 0
        return max(0, math.ceil(known[0] + SPAN - now))
