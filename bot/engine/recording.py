"""The pen: the only module that asks the ledger to record; every fact is checked first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import reduce
from typing import TypeVar, cast

from bot import ports
from bot.core import facts, folding
from bot.core.facts import Fact
from bot.core.incident import Incident
from bot.core.transcript import Draft, Entry
from bot.engine.world import World

F = TypeVar("F", bound=Fact)

HEAL = "heal"


async def record(
    world: World, name: str, key: str, fact: Fact, actor: str = HEAL
) -> tuple[Entry, bool]:
    """Record a fact from outside a workflow; the entry that stands, and whether it is new."""
    return await world.ledger.append(draft(world, name, key, fact, actor))


def draft(world: World, name: str, key: str, fact: Fact, actor: str = HEAL) -> Draft:
    """Write a fact down as it shall be recorded, if it can happen now."""
    if fact.moves is not None and (known := world.cases.get(name)) is not None:
        folding.may(known, fact)
    return Draft(
        at=world.clock.now(),
        incident=name,
        actor=actor,
        kind=fact.kind,
        key=f"{name}:{key}",
        body=fact.body,
    )


async def new_name(world: World) -> str:
    """A name that no incident ever bore: six letters do meet again, once in a long life."""
    while await world.ledger.find(f"{(name := world.new_id(''))}:opened"):
        continue
    return name


class Story:
    """The pen of one incident's workflow: what it noted once is read back ever after."""

    def __init__(self, life: ports.Life, world: World, durable: ports.Durable) -> None:
        self.life = life
        self.world = world
        self.durable = durable
        self._stood: tuple[Incident, Sequence[Draft], Incident] | None = None

    @property
    def incident(self) -> Incident:
        """
        As it stands now. A replay must not branch on it: branch on noted facts only.

        The casebook knows what is recorded; what is held comes on top of that. Asked dozens of
        times a run, it is put together again only when either is another.
        """
        known, held = self.world.cases.get(self.life.incident), self.life.held
        if known is None:
            raise LookupError(f"{self.life.incident} is not in the casebook")
        if not held:
            return known
        if (stood := self._stood) is not None and stood[0] is known and stood[1] == held:
            return stood[2]
        found = reduce(self.world.cases.ahead, held, known)
        self._stood = known, held, found
        return found

    @property
    def opened(self) -> facts.Opened:
        return self.incident.opened

    async def note(
        self,
        key: str,
        kind: type[F],
        act: Callable[[], Awaitable[F]],
        actor: str = HEAL,
        *,
        hold: bool = False,
        reads: bool = False,
    ) -> F:
        """
        Do `act` once and record what it found; on a replay return what was found then.

        Hold it when nothing is read, done or waited for before the next note: one wait for the
        disk is enough for both. Say when it only `reads`: a stop does not wait for it.
        """

        async def recorded() -> str:
            fact = await act()
            if fact.moves is not None:
                folding.may(self.incident, fact)
            return facts.written(fact)

        name = str(kind.model_fields["kind"].default)
        body = await self.life.step(key, name, actor, recorded, hold=hold, reads=reads)
        return cast("F", facts.read(body))

    async def say(self, key: str, fact: F, actor: str = HEAL, *, hold: bool = False) -> F:
        """Record a fact that is known already."""

        async def known() -> F:
            return fact

        return await self.note(key, type(fact), known, actor, hold=hold)
