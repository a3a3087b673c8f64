"""
Sharing: what is read of the ledger again and again is kept once, as long as anybody has it.

After a restart each open incident is folded by the casebook and replayed by its own life: both
read the same entries. And thousands of plans were judged in the same words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar, cast
from weakref import WeakValueDictionary

from bot.core.facts.agreeing import Planned
from bot.core.facts.fact import Fact
from bot.core.policy import verdict
from bot.core.policy.verdict import Ruling

F = TypeVar("F", bound=Fact)

RECENT = 2048
"""Facts by their bodies: each is read by all who are told of it, in the moment it is recorded."""

_alive: WeakValueDictionary[bytes, Fact] = WeakValueDictionary()
_recent: dict[str, Fact] = {}


def recent(body: str) -> Fact | None:
    """Return the fact that this body is, if it was read or written a moment ago."""
    return _recent.get(body)


def keep(body: str, fact: F) -> F:
    """Let it be found by its body for a moment."""
    _recent[body] = fact
    if len(_recent) > RECENT:
        del _recent[next(iter(_recent))]
    return fact


def one(body: str, read: Callable[[str], F]) -> F:
    """Return the fact that this body is, the one that somebody has already if there is one."""
    mark = hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    known = _alive.get(mark)
    if known is None:
        known = _alive[mark] = read(body)
    return cast("F", known)


def verdicts(planned: Planned) -> Planned:
    """Let what a rule says of nearly every plan be one value, as where it was judged."""
    same = (
        verdict.allow(each.rule, each.reason) if each.ruling is Ruling.ALLOW else each
        for each in planned.verdicts
    )  # fmt: skip
    return planned.model_copy(update={"verdicts": tuple(same)})
