"""Who may decide at this moment: every word of policy becomes people, asked live."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from bot import ports
from bot.core import circle, weighing
from bot.core.approval import Request
from bot.core.circle import Circle, Grounds, Seen
from bot.core.errors import PermanentError, TemporaryError
from bot.core.facts import Asked
from bot.engine.world import World

GROUP, SCHEDULE = "group", "schedule"
LOOKING = 5.0
"""Seconds at most that a question waits for who could answer it."""
LATELY = 60.0
"""Seconds for which membership is believed where nothing is decided by it: clicks go first."""
FEW = 10
"""People at most who are written to in private; of more nobody feels meant."""


class Electorate(NamedTuple):
    """Who stands under which words; `unknown` says by word why nobody could be asked about it."""

    grounds: Grounds
    unknown: dict[str, str]
    nobody: dict[str, str]
    """Words that stand for nobody at all, and why: a slip of the policy, a lost person."""
    at: datetime
    """When it was asked."""

    @property
    def doubts(self) -> str:
        """What could not be found out, as a sentence goes on; empty when all could."""
        return "; ".join({**self.unknown, **self.nobody}.values())

    def seen(self, request: Request, who: str) -> Seen:
        """The same as it is kept in the record of what this person did."""
        lost = {**self.unknown, **self.nobody}
        return circle.seen(self.at, request.everybody.words, self.grounds, lost, who)


async def electorate(world: World, asked: Circle, *, within: float = 0.0) -> Electorate:
    """Ask about everybody of a circle as of now; see `ask`."""
    return await ask(world.people, world.pager, world.clock.now(), asked, within=within)


async def ask(
    people: ports.People, pager: ports.Pager, now: datetime, asked: Circle, *, within: float = 0.0
) -> Electorate:
    """
    Ask about each word by itself: who cannot be asked about is nobody, and says no more than that.

    What Slack said up to `within` seconds ago is believed; who is on call is always asked.
    """

    async def of(kind: str, word: str) -> frozenset[str] | TemporaryError | PermanentError:
        try:
            if kind is GROUP:
                return await people.members((word,), within=within)
            return await pager.who_is_on_call(word, now)
        except (TemporaryError, PermanentError) as error:
            return error

    words = [*((GROUP, word) for word in asked.groups),
             *((SCHEDULE, word) for word in asked.schedules)]  # fmt: skip
    told = await asyncio.gather(*(of(kind, word) for kind, word in words))
    found = defaultdict[str, list[str]](list, {who: [who] for who in asked.people})
    unknown, nobody = dict[str, str](), dict[str, str]()
    for (_, word), answer in zip(words, told, strict=True):
        match answer:
            case TemporaryError():
                unknown[word] = str(answer)
            case PermanentError():
                nobody[word] = str(answer)
            case members:
                for who in members:
                    found[who].append(word)
    return Electorate({who: tuple(words) for who, words in found.items()}, unknown, nobody, now)


async def standing_in(world: World, request: Request) -> tuple[str, ...]:
    """Who of the fallback may decide now; nobody when they are many, or could not be asked for."""
    everybody, late = request.everybody, frozenset(request.fallback)
    those_late = Circle(
        groups=tuple(word for word in everybody.groups if word in late),
        people=tuple(word for word in everybody.people if word in late),
        schedules=tuple(word for word in everybody.schedules if word in late),
    )
    try:
        async with asyncio.timeout(LOOKING):
            found = await electorate(world, those_late, within=LATELY)
    except TimeoutError:
        return ()
    those = sorted(found.grounds.keys() - set(request.excluded))
    return tuple(those) if len(those) <= FEW else ()


async def named(world: World, word: str) -> tuple[str, ...]:
    """Groups and people of the role of this name, whoever is on call now; empty for no role."""
    role = world.library().rulebook.roles.get(word)
    if role is None:
        return ()
    on_call: frozenset[str] = frozenset()
    if role.schedules:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOKING):
                found = await electorate(world, Circle(schedules=role.schedules))
            on_call = frozenset(found.grounds)
    return tuple(dict.fromkeys((*role.groups, *role.people, *sorted(on_call))))


async def at_level(world: World, level: Circle) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Whom a level of an escalation is for now: whom to mention, and whom to write to if few."""
    try:
        async with asyncio.timeout(LOOKING):
            found = await electorate(world, level, within=LATELY)
    except TimeoutError:
        return (*level.groups, *level.people), level.people[:FEW]
    on_call = (who for who, words in found.grounds.items() if {*words} & {*level.schedules})
    calls = tuple(dict.fromkeys((*level.groups, *level.people, *sorted(on_call))))
    those = tuple(sorted(found.grounds))
    return calls, those if len(those) <= FEW else ()


async def foreseen(world: World, request: Request) -> Asked:
    """
    Ask people, with who of them is on call now; or say why none of them could approve.

    What could not be found out is no reason: then people are asked, and their clicks tell.
    """
    try:
        async with asyncio.timeout(LOOKING):
            found = await electorate(world, request.everybody, within=LATELY)
    except TimeoutError:
        return Asked(request=request)
    on_call = {
        schedule: tuple(sorted(who for who, words in found.grounds.items() if schedule in words))
        for schedule in request.everybody.schedules
    }
    why = "" if found.unknown else weighing.hopeless(request, found.grounds)
    lost = "; ".join(found.nobody.values()) if why else ""
    asked = request.model_copy(update={"on_call": on_call})
    return Asked(request=asked, hopeless="; ".join(filter(None, (why, lost))))
