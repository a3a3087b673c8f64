"""The garbage collector of a house that lives for months."""

from __future__ import annotations

import gc

GARBAGE = 50_000
"""New values from which on the collector looks among the newest."""


def settle_down() -> None:
    """
    Let the garbage collector look seldom, and never again at what the start made.

    That stays, and to look at it stops all for 80 ms. A run leaves many small values and next to
    no cycles: with Python's own thresholds a third of a burst's processor would look for some.
    """
    gc.freeze()
    gc.set_threshold(GARBAGE, 10, 10)
