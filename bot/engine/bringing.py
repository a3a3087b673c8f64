"""What people bring: alerts of a message that they point to, taken as those of channels are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.engine.authority import Authority
from bot.engine.world import World
from bot.ports import Answer

Take = Callable[[Sequence[Alert]], Awaitable[tuple[str, ...]]]
"""Takes alerts; the incidents that they belong to."""


class Bringing:
    """Who may operate Heal may bring alerts, and counts as who asked for what comes of them."""

    def __init__(self, world: World, authority: Authority, take: Take) -> None:
        self._world = world
        self._authority = authority
        self._take = take

    async def barred(self, who: str) -> Answer | None:
        return await self._authority.barred(who)

    async def bring(self, alerts: Sequence[Alert], who: str) -> Answer:
        """Take them in this person's name."""
        if no := await self._authority.barred(who):
            return no
        theirs = [one.model_copy(update={"brought_by": who}) for one in alerts]
        names = tuple(dict.fromkeys(await self._take(theirs)))
        if not names:
            return Answer(done=False, text="Nothing came of it: no alert there fires now.")
        return Answer(done=True, text=f"On it: {', '.join(names)}.", incident=names[0])

    def services(self) -> Sequence[Service]:
        return self._world.library().services
