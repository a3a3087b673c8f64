"""Circle: some people, by the words of the policy; who they are is asked when it matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import Field

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


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
