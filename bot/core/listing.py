"""Listing: incidents as a list of them shows each, what it is searched for, and how each stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bot.core.course import Course
from bot.core.lifecycle import ENDS, TABLE, Event, State

OPEN, RAN = "open", "ran"
"""What a list may be narrowed to beside one state: what is not over, and what something ran for."""
CHOICES = (OPEN, RAN, *(state.value for state in State if state in ENDS))
LONGEST = 200
"""Characters of what is searched for."""
MOST_WORDS = 8
LEAST = 3
"""Letters that a beginning of a word has at least."""
_WORD = re.compile(r"[^\W_]+\*?")


class Wanted(NamedTuple):
    """
    Which of them: empty or None leaves it open. The newest come first, so many before `before`.

    `words` have to be in it all; a word that ends in `*` stands for all that begin so.
    """

    words: str = ""
    state: str = ""
    service: str = ""
    environment: str = ""
    runbook: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0
    """The place of the last one on the page before; 0 begins with the newest."""

    @property
    def terms(self) -> tuple[str, ...]:
        """The words one by one, as they are looked for."""
        plain = unicodedata.normalize("NFC", self.words[:LONGEST]).lower()
        found = (word for word in _WORD.findall(plain))
        kept = (word for word in found if not word.endswith("*") or len(word) > LEAST)
        return tuple(dict.fromkeys(kept))[:MOST_WORDS]

    @property
    def named(self) -> Mapping[str, str]:
        """What has to be exactly so, by what it is."""
        asked = {name: getattr(self, name) for name in NAMES}
        return {name: value for name, value in asked.items() if value}


NAMES = ("state", "service", "environment", "runbook")


class Listed(NamedTuple):
    """One of them; `place` is that of its first entry in the ledger."""

    place: int
    course: Course


class Found(NamedTuple):
    """A page of a list; `more` says whether older ones are left, `behind` what is not in it yet."""

    those: Sequence[Listed]
    more: bool
    behind: int = 0
    """Entries of the ledger that the list does not know yet."""


class Names(NamedTuple):
    """What there is to choose from, sorted; of very many not all."""

    services: Sequence[str] = ()
    environments: Sequence[str] = ()
    runbooks: Sequence[str] = ()


def standing(course: Course) -> State:
    """
    Say how it stands, as the lifecycle calls it; of what is open only what its figures tell.

    >>> standing(Course("inc-1", datetime.min, "t", "s", "e", event=Event.APPROVAL_EXPIRED))
    <State.EXPIRED: 'expired'>
    """
    if course.came_back:
        return State.NOT_FIXED
    if course.event is Event.ALERT_CLEARED:
        return State.RESOLVED if course.started_at else State.WITHDRAWN
    if course.event is not None:
        return _END[course.event]
    if course.started_at:
        return State.HEALED if course.passed else State.RUNNING
    asked = course.asked_at is not None and course.ending is None
    return State.AWAITING_APPROVAL if asked else State.OPENED


def kinds(course: Course) -> Iterable[str]:
    """Give what a list may be narrowed to for this one to stay in it."""
    state = standing(course)
    if state in ENDS:
        yield state.value
    else:
        yield OPEN
    if course.started_at:
        yield RAN


_END = {
    event: next(then for moves in TABLE.values() if (then := moves.get(event)) in ENDS)
    for event in Event
    if any(moves.get(event) in ENDS for moves in TABLE.values())
}
