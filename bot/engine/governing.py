"""Governing: what people say for the whole house; each order is authorised, then recorded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.core import redaction
from bot.core.facts import Halted, Resumed
from bot.engine import recording
from bot.engine.authority import Authority
from bot.engine.world import World
from bot.ports import Answer


class Governing:
    """The engine's side of orders: entries of the ledger, so all of them survive a restart."""

    def __init__(
        self,
        world: World,
        authority: Authority,
        stop_all: Callable[[str, str], Awaitable[None]],
    ) -> None:
        """Say who may order what, and who closes every open question at a stop."""
        self._world = world
        self._authority = authority
        self._stop_all = stop_all

    async def halt(self, who: str, why: str) -> Answer:
        """Pull the kill switch: nothing begins, runs end at the next safe point."""
        if no := await self._authority.barred(who):
            return no
        if self._world.cases.standing().halted is not None:
            return Answer(done=False, text="Heal is stopped already.")
        fact = Halted(by=who, why=redaction.text(why) or "no reason given")
        await self._order("halted", fact, who)
        await self._stop_all(who, fact.why)
        return Answer(done=True, text="Stopped: nothing begins, runs end at the next safe point.")

    async def resume(self, who: str, why: str) -> Answer:
        """Release the kill switch."""
        if no := await self._authority.barred(who, to_resume=True):
            return no
        if self._world.cases.standing().halted is None:
            return Answer(done=False, text="Heal is not stopped.")
        fact = Resumed(by=who, why=redaction.text(why) or "no reason given")
        await self._order("resumed", fact, who)
        return Answer(done=True, text="Heal works again.")

    async def _order(self, word: str, fact: Halted | Resumed, who: str) -> None:
        now = self._world.clock.now().isoformat()
        await recording.record(self._world, "", f"{word}:{now}", fact, who)
