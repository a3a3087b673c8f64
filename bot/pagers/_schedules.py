"""Schedules of a pager: who is on call there, found in Slack by their address."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import ClassVar, NamedTuple

from bot.core.errors import PermanentError, TemporaryError
from bot.core.spelling import quoted

WITHIN = 4.0
"""Seconds for all that is asked of a pager at one click: somebody waits."""
log = logging.getLogger(__name__)

FindInSlack = Callable[[str], Awaitable[str]]
"""From an address to a Slack user id; PermanentError when nobody who can act has it."""


class Listed(NamedTuple):
    """Somebody whom a pager has on call; the address is empty where it does not tell it."""

    email: str
    name: str


class OnCall(NamedTuple):
    """Slack ids of those on call, and why each of the others is nobody here."""

    found: frozenset[str]
    lost: tuple[str, ...]


class Schedules(ABC):
    """Answers ports.Pager by asking one each time; a schedule is its id there."""

    pager: ClassVar[str]
    """What people call it."""
    prefix: ClassVar[str]
    """What stands before a schedule of it in a role."""

    def __init__(self, find: FindInSlack, within: float) -> None:
        self._find = find
        self._within = within

    @property
    @abstractmethod
    def needs(self) -> str:
        """Which settings it cannot be asked without; empty when it can be asked."""

    @abstractmethod
    async def listed(self, schedule: str, at: datetime) -> Iterable[Listed]:
        """Everybody whom it has on call at an instant; raises as ports.Pager says."""

    @abstractmethod
    def named(self, schedule: str) -> bool:
        """Whether this can be the id of a schedule there."""

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        """Those whom Slack knows; PermanentError when somebody is on call, and it knows none."""
        found, lost = await self.on_call(schedule, at)
        if lost and not found:
            raise PermanentError("; ".join(lost))
        for why in lost:
            log.warning("%s:%s: %s", self.prefix, schedule, why)
        return found

    async def on_call(self, schedule: str, at: datetime) -> OnCall:
        """Everybody whom it has on call, as Slack knows them; raises as ports.Pager says."""
        if self.needs:
            raise PermanentError(f"{self.pager} cannot be asked: set {self.needs}")
        if not self.named(schedule):
            raise PermanentError(self.unknown(schedule))
        try:
            async with asyncio.timeout(self._within):
                people = set(await self.listed(schedule, at))
        except TimeoutError:
            said = f"{self.pager} did not answer within {self._within:g} s; try again in a moment"
            raise TemporaryError(said) from None
        found, lost = set[str](), list[str]()
        for one in sorted(people):
            who = f"{self.pager} has {quoted(one.name or 'somebody')} on call"
            try:
                if one.email:
                    found.add(await self._find(one.email.strip().lower()))
                else:
                    lost.append(f"{who}, without an address to know them by in Slack")
            except PermanentError as error:
                lost.append(f"{who}, but {error}: give them the same address in both")
        return OnCall(frozenset(found), tuple(lost))

    def unknown(self, schedule: str) -> str:
        return (f"{self.pager} knows no schedule {quoted(schedule)}: write the id that ends the "
                "address of its page there")  # fmt: skip
