"""Taking it: somebody who was called says that they have it, so nobody further is woken."""

from __future__ import annotations

from bot.core.circle import Circle
from bot.core.errors import TemporaryError
from bot.core.facts import Taken
from bot.core.incident import Incident
from bot.engine import calling, electing
from bot.engine.world import World
from bot.ports import Answer


class Taking:
    """The engine's side of *I have it*: of those who were called or will be, and of operators."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def take(self, name: str, who: str) -> Answer:
        """Record that this person has it, if they are somebody who may say so."""
        known = self._world.cases.find(name)
        if known is None or known.escalated is None:
            return Answer(done=False, text=f"Nobody was called for {name!r}.")
        if known.taken is not None:
            return _taken_already(known.taken)
        try:
            why = await self._refuses(known, who)
        except TemporaryError as error:
            return Answer(done=False, text=f"I could not check who may take it: {error}.")
        if why:
            return Answer(done=False, text=why)
        if await calling.taken(self._world, known.id, Taken(by=who)):
            text = "It is yours: nobody further is called. Thank you."
            return Answer(done=True, text=text, incident=known.id)
        now = self._world.cases.get(known.id)
        return _taken_already(now.taken if now and now.taken else Taken(by="somebody"))

    async def _refuses(self, known: Incident, who: str) -> str:
        """Why this person may not end the calling; TemporaryError when that is not known."""
        rules = self._world.library().rulebook
        circle = rules.circle(*rules.operating).beside(*self._called(known))
        found = await electing.electorate(self._world, circle)
        if who in found.grounds:
            return ""
        if found.unknown:
            raise TemporaryError("; ".join(found.unknown.values()))
        return ("Only those who are called for it, and who may operate Heal, can take it: the "
                "others would go on sleeping while nobody works on it.")  # fmt: skip

    def _called(self, known: Incident) -> tuple[Circle, ...]:
        """Everybody who was called first, or is on one of its levels."""
        call = known.escalated
        if call is None:
            return ()
        role = self._world.library().rulebook.roles.get(call.to)
        if role is None:
            first = Circle(groups=(call.to,), people=(call.to,))
        else:
            first = Circle(groups=role.groups, people=role.people, schedules=role.schedules)
        return first.beside(Circle(people=call.calls)), *call.levels


def _taken_already(fact: Taken) -> Answer:
    where = f" (in {fact.at})" if fact.at else ""
    by = f"{fact.by}{where}" if fact.at else f"<@{fact.by}>"
    return Answer(done=False, text=f"{by} has it already.")
