"""Who may do what, read live at the moment of asking; an answer that cannot be had is a no."""

from __future__ import annotations

from bot.core import approval
from bot.core.errors import TemporaryError
from bot.engine.world import World
from bot.ports import Answer


class Authority:
    """Compares people with the policy's operators and with a request's approvers."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def refuses(self, who: str, *, to_resume: bool = False) -> str:
        """Why this person may not operate Heal; empty when they may. TemporaryError: unknown."""
        rulebook = self._world.library().rulebook
        panel = rulebook.approvers.high
        called = [panel] if to_resume else [*rulebook.operating]
        people = {name for one in called for name in one.people}
        groups = [group for one in called for group in one.groups]
        if who in people or who in await self._world.people.members(groups):
            return ""
        names = ", ".join([*(f"@{group}" for group in groups), *sorted(people)])
        word = "release the stop" if to_resume else "do that"
        return f"Only {names} may {word}. Nothing was changed; ask one of them."

    async def barred(self, who: str, *, to_resume: bool = False) -> Answer | None:
        """Tell a person why they may not operate Heal; nothing when they may."""
        try:
            why = await self.refuses(who, to_resume=to_resume)
        except TemporaryError as error:
            return Answer(done=False, text=f"I could not check who may do this: {error}.")
        return Answer(done=False, text=why) if why else None

    async def bars(self, request: approval.Request, who: str, *, yes: bool) -> str:
        """Why this person may not decide this request; empty when they may."""
        if yes and who in request.excluded:
            return "You asked for this yourself, so somebody else must approve it."
        if who in request.people or who in await self._world.people.members(request.groups):
            return ""
        names = ", ".join([*(f"@{group}" for group in request.groups), *request.people])
        return f"Only {names} may decide this. Nothing was changed; ask one of them to look."
