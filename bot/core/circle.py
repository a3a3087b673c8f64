"""Circle: some people, by the words of the policy; who they are is asked when it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import AwareDatetime, Field

from bot.core.values import Frozen

Grounds = Mapping[str, tuple[str, ...]]
"""By whom: the words of a request that somebody stands under now, and so may decide by."""


class Circle(Frozen):
    """Who stands under these words is asked anew at every click."""

    groups: tuple[str, ...] = Field(default=(), description="Slack user group ids or handles")
    people: tuple[str, ...] = Field(default=(), description="Slack user ids")
    schedules: tuple[str, ...] = Field(default=(), description="on-call schedules, pager:id")

    @property
    def words(self) -> tuple[str, ...]:
        return (*self.groups, *self.people, *self.schedules)

    def beside(self, *others: Circle) -> Circle:
        """All of them together, each word once."""
        every = (self, *others)
        return Circle(
            groups=_once(word for one in every for word in one.groups),
            people=_once(word for one in every for word in one.people),
            schedules=_once(word for one in every for word in one.schedules),
        )


class Demand(Circle):
    """Somebody of these must be among those who agree; one person meets one demand only."""

    name: str = Field(description="the role, as policy calls it")


MOST = 50
"""People of one word who are named in a record; the rest are counted."""


class Seen(Frozen):
    """Who stood under the words of a request when somebody clicked: as it was read, and when."""

    at: AwareDatetime
    members: dict[str, tuple[str, ...]] = Field(
        description="by word: whoever clicked is among them if they were in it"
    )
    counts: dict[str, int] = Field(description="by word: how many they were in all")
    unknown: dict[str, str] = Field(default={}, description="by word: why nobody could be asked")

    def of(self, who: str) -> tuple[str, ...]:
        """The words that this person stood under."""
        return tuple(word for word, people in self.members.items() if who in people)


def seen(at: datetime, words: Iterable[str], grounds: Grounds, unknown: Mapping[str, str],
         who: str) -> Seen:  # fmt: skip
    """Make a record of who may decide, in which `who` is named wherever they stand."""
    members, counts = dict[str, tuple[str, ...]](), dict[str, int]()
    for word in words:
        if word in unknown:
            continue
        those = sorted(one for one, held in grounds.items() if word in held)
        counts[word] = len(those)
        first = [one for one in those if one == who]
        members[word] = (*first, *[one for one in those if one != who][: MOST - len(first)])
    return Seen(at=at, members=members, counts=counts, unknown=dict(unknown))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
