"""Who may do what, read live at the moment of asking; an answer that cannot be had is a no."""

from __future__ import annotations

from bot.core import approval
from bot.core.circle import Circle
from bot.core.errors import TemporaryError
from bot.engine import electing
from bot.engine.electing import Electorate
from bot.engine.world import World
from bot.ports import Answer


class Authority:
    """Compares people with the policy's operators and with a request's approvers."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def refuses(self, who: str, *, to_resume: bool = False) -> str:
        """Why this person may not operate Heal; empty when they may. TemporaryError: unknown."""
        rulebook = self._world.library().rulebook
        called = (rulebook.approvers.high,) if to_resume else rulebook.operating
        circle = rulebook.circle(*called)
        found = await electing.electorate(self._world, circle)
        if who in found.grounds:
            return ""
        if found.doubts:
            raise TemporaryError(found.doubts)
        word = "release the stop" if to_resume else "do that"
        return f"Only {_named(circle)} may {word}. Nothing was changed; ask one of them."

    async def barred(self, who: str, *, to_resume: bool = False) -> Answer | None:
        """Tell a person why they may not operate Heal; nothing when they may."""
        try:
            why = await self.refuses(who, to_resume=to_resume)
        except TemporaryError as error:
            return Answer(done=False, text=f"I could not check who may do this: {error}.")
        return Answer(done=False, text=why) if why else None

    async def electorate(self, request: approval.Request) -> Electorate:
        """Everybody who may decide this request now, and by which of its words."""
        return await electing.electorate(self._world, request.everybody)

    def bars(self, request: approval.Request, who: str, found: Electorate, *, yes: bool) -> str:
        """Why this person may not decide this request; empty when they may."""
        if yes and who in request.excluded:
            return "You asked for this yourself, so somebody else must approve it."
        if who in found.grounds:
            return ""
        names = _named(request.everybody)
        return f"Only {names} may decide this. Nothing was changed; ask one of them to look."


def _named(circle: Circle) -> str:
    on_call = (f"who is on call by {schedule}" for schedule in circle.schedules)
    groups = (f"@{group.removeprefix('@')}" for group in circle.groups)
    return ", ".join([*groups, *circle.people, *on_call])
