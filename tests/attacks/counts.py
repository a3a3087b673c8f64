"""How many attacks of a kind are tried: a share in the suite, all by `python -m tests.attacks`."""

from __future__ import annotations

import os

FULL = "HEAL_TEST_FULL"


def many(some: int, *, full: int) -> int:
    """The number for this run."""
    return full if FULL in os.environ else some
