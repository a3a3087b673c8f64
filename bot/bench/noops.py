"""The action and the probe of the bench: one call over HTTP a run, and nothing else."""

from __future__ import annotations

from bot.bench.outside import Acting
from bot.bench.stopwatch import STEPS, Stopwatch
from bot.core.blast_radius import BlastRadius, Target
from bot.core.plan import Reversibility, Scope
from bot.core.values import Facts, Frozen


class Thing(Frozen):
    """What is touched or looked at: the service's own name."""

    name: str


class Touch:
    """Notes the moment at which it is called; the first of a run reaches outside."""

    params = Thing

    def __init__(self, watch: Stopwatch, outside: Acting) -> None:
        self._watch, self._outside = watch, outside

    def way_back(self, params: Thing) -> Reversibility:
        return Reversibility.REVERSIBLE

    async def scope(self, params: Thing) -> Scope:
        target = Target(key=f"bench:{params.name}", name=params.name)
        radius = BlastRadius(targets=(target,), unit="thing", touched=1, down_at_once=0, total=10)
        says, back = f"touch {params.name}", f"let go of {params.name}"
        return Scope(blast_radius=radius, pre_state={"on": False}, says=says, undo_says=back)

    async def execute(self, params: Thing, before: Facts, mark: str = "") -> str:
        times = self._watch.acted(params.name)
        if times == 1:
            await self._outside.hit(params.name)
        return f"touched {params.name}, {times} times now"

    async def undo(self, params: Thing, before: Facts, mark: str = "") -> str:
        return f"let go of {params.name}"

    async def landed(self, params: Thing, before: Facts, mark: str = "") -> bool | None:
        return self._watch.times(params.name) > 0


class Health:
    """Sick until all steps were done, so that each plan is needed and each proof passes."""

    params = Thing

    def __init__(self, watch: Stopwatch) -> None:
        self._watch = watch

    async def read(self, params: Thing) -> Facts:
        return {"ok": self._watch.times(params.name) >= STEPS}
