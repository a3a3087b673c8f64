"""
Sharing: what is read of the ledger again and again is kept once, as long as anybody has it.

After a restart each open incident is folded by the casebook and replayed by its own life: both
read the same entries. And thousands of plans are of a few runbooks, judged in the same words.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from typing import TypeVar, cast
from weakref import WeakValueDictionary

from bot.core import values
from bot.core.facts.fact import Fact
from bot.core.plan import Criteria, WayBack
from bot.core.policy import verdict
from bot.core.policy.verdict import Verdict
from bot.core.risk import Risk
from bot.core.values import Frozen

F = TypeVar("F", bound=Fact)

RECENT = 2048
"""Facts that were written: each is read by all who are told of it, as soon as it is recorded."""

_alive: WeakValueDictionary[bytes, Fact] = WeakValueDictionary()
ALIKE = (Criteria, WayBack, Risk)
"""Of these, many plans have the same ones."""
_alike: WeakValueDictionary[tuple[type, str], Frozen] = WeakValueDictionary()
_recent: dict[str, Fact] = {}


def recent(body: str) -> Fact | None:
    """Return the fact that this body is, if it was written a moment ago."""
    return _recent.get(body)


def keep(body: str, fact: Fact) -> None:
    """Let a fact that was written be found by its body for a moment."""
    _recent[body] = fact
    if len(_recent) > RECENT:
        del _recent[next(iter(_recent))]


def one(body: str, read: Callable[[str], F]) -> F:
    """Return the fact that this body is, the one that somebody has already if there is one."""
    mark = hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=16).digest()
    known = _alive.get(mark)
    if known is None:
        known = _alive[mark] = read(body)
    return cast("F", known)


def lean(fact: F) -> F:
    """Let a fact that was just read, and that nobody else has, share what others say as well."""
    return cast("F", _lean(fact))


def _lean(value: object) -> object:
    kind = type(value)
    if kind is str:
        return sys.intern(cast("str", value))
    if kind is dict:
        members = cast("dict[object, object]", value).items()
        return {_lean(name): _lean(each) for name, each in members}
    if kind is tuple:
        return tuple(map(_lean, cast("tuple[object, ...]", value)))
    if kind is Verdict:
        one = cast("Verdict", value)
        return verdict.said(one.ruling, one.rule, one.reason)
    return _model(value) if isinstance(value, Frozen) else value


def _model(value: Frozen) -> Frozen:
    if not isinstance(value, ALIKE):
        return values.pare(value, {name: _lean(each) for name, each in vars(value).items()})
    mark = type(value), value.model_dump_json()
    if (known := _alike.get(mark)) is None:
        known = _alike[mark] = values.pare(value, vars(value))
    return known
