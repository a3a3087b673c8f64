"""Hand-written stand-ins for the ports: each does what it is told and remembers what was asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from bot.core.alert import Alert
from bot.core.blast_radius import BlastRadius, Target
from bot.core.errors import AlertRejected, PermanentError, TemporaryError
from bot.core.plan import Reversibility, Scope
from bot.core.posted import Posted
from bot.core.values import Facts, Frozen
from bot.ports import Action, Probe
from tests import builders


class FakeClock:
    """Time stands still until a test lets it pass; who sleeps is woken at the due instant."""

    def __init__(self, now: datetime = builders.START) -> None:
        self._now = now
        self._ran = 0.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._ran

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if seconds <= 0:
            woken.set_result(None)
        self._sleepers.append((self._ran + seconds, woken))
        await woken

    @property
    def due(self) -> float | None:
        """Seconds until the next sleeper wakes; None when nobody sleeps."""
        self._sleepers = [each for each in self._sleepers if not each[1].done()]
        return min((at for at, _ in self._sleepers), default=self._ran) - self._ran or None

    def set(self, seconds: float) -> None:
        """Somebody sets the wall clock; nobody's sleep is any shorter or longer for it."""
        self._now += timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._ran += seconds
        for at, woken in self._sleepers:
            if at <= self._ran + 1e-9 and not woken.done():
                woken.set_result(None)


class Setting(Frozen):
    """What a fake action is asked to set."""

    to: int = 50


@dataclass
class FakeAction:
    """Sets a number; the world it changes outlives every life of the house."""

    name: str = "pool"
    kind: Reversibility = Reversibility.REVERSIBLE
    value: int = 20
    then: Callable[[], None] = lambda: None
    """What its effect brings about."""
    effects: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    """By which name each of them was asked for."""
    errors: list[Exception] = field(default_factory=list)
    """Raised one after the other by `execute`, before any effect."""
    undo_errors: list[Exception] = field(default_factory=list)
    scope_errors: list[Exception] = field(default_factory=list)
    landed_errors: list[Exception] = field(default_factory=list)
    hangs: str = ""
    """Where it stops for ever: in `scope`, or in `execute` `before` or `after` its effect."""
    gate: asyncio.Event | None = None
    """Set by who lets it go on, it waits here in `scope` until then."""
    tells: bool = True
    """Whether the world can tell if an earlier life did it."""
    undoes: bool = True
    """Whether undo has an effect at all."""
    lasting: tuple[str, ...] = ()
    """What of its pre-state no undo brings back."""
    params: type[BaseModel] = Setting
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    down: int = 0
    cost: str = ""
    becomes: int | None = None
    """How many there are afterwards, when it says so."""

    def way_back(self, params: Any) -> Reversibility:
        return self.kind

    async def scope(self, params: Any) -> Scope:
        if self.hangs == "scope":
            await asyncio.Event().wait()
        if self.gate is not None:
            await self.gate.wait()
        if self.scope_errors:
            raise self.scope_errors.pop(0)
        target = Target(key=f"fake:shop/{self.name}", name=f"{self.name} of shop")
        radius = BlastRadius(
            targets=(target,), touched=1, down_at_once=self.down, total=4, becomes=self.becomes
        )
        return Scope(
            blast_radius=radius,
            pre_state={"value": self.value},
            lasting=self.lasting,
            says=f"set {self.name} to {params.to}",
            undo_says=f"set {self.name} back to {self.value}",
            cost=self.cost,
        )

    async def execute(self, params: Any, before: Facts, mark: str = "") -> str:
        self.begun.set()
        self.marks.append(mark)
        if self.hangs == "before":
            await asyncio.Event().wait()
        if self.errors:
            raise self.errors.pop(0)
        self.value = params.to
        self.effects.append(f"{self.name}={params.to}")
        self.then()
        if self.hangs == "after":
            await asyncio.Event().wait()
        return f"{self.name} is {params.to}"

    async def undo(self, params: Any, before: Facts, mark: str = "") -> str:
        self.marks.append(f"back {mark}")
        if self.undo_errors:
            raise self.undo_errors.pop(0)
        if self.undoes:
            self.value = int(str(before["value"]))
        self.effects.append(f"undo {self.name}={before['value']}")
        return f"{self.name} is {before['value']} again"

    async def landed(self, params: Any, before: Facts, mark: str = "") -> bool | None:
        if self.landed_errors:
            raise self.landed_errors.pop(0)
        return self.value == params.to if self.tells else None


class Anything(BaseModel):
    """A fake probe takes whatever a runbook gives it."""


class FakeProbe:
    """Answers from a script whose last line stays; an exception in it is raised."""

    params: type[BaseModel] = Anything

    def __init__(self, *script: Facts | Exception) -> None:
        self.script = list(script)
        self.reads = 0

    def says(self, *script: Facts | Exception) -> None:
        self.script = list(script)

    async def read(self, params: Any) -> Facts:
        self.reads += 1
        said = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(said, Exception):
            raise said
        return dict(said)


class FakePlugins:
    """The actions and probes that a test put here, by name."""

    def __init__(self, actions: Mapping[str, Action], probes: Mapping[str, Probe]) -> None:
        self.actions = dict(actions)
        self.probes = dict(probes)

    def action(self, name: str) -> Action:
        return self.actions[name]

    def probe(self, name: str) -> Probe:
        return self.probes[name]


class FakePeople:
    """Groups and who is in them now; or nobody can tell."""

    def __init__(self, **groups: Sequence[str]) -> None:
        self.groups = {name: frozenset(members) for name, members in groups.items()}
        self.away = False
        self.gate: asyncio.Event | None = None

    async def members(self, groups: Sequence[str], *, within: float = 0.0) -> frozenset[str]:
        if self.away:
            raise TemporaryError("Slack does not say who is in the group")
        await asyncio.sleep(0)
        if self.gate is not None:
            await self.gate.wait()
        if lost := next((name for name in groups if name not in self.groups), ""):
            raise PermanentError(f"Slack knows no user group {lost!r}")
        return frozenset().union(*(self.groups[name] for name in groups))


class FakePager:
    """Who is on call by which schedule; or nobody can tell."""

    def __init__(self, **schedules: Sequence[str]) -> None:
        self.schedules = {name: frozenset(people) for name, people in schedules.items()}
        self.away = False
        self.asked: list[tuple[str, datetime]] = []

    async def who_is_on_call(self, schedule: str, at: datetime) -> frozenset[str]:
        self.asked.append((schedule, at))
        await asyncio.sleep(0)
        if self.away:
            raise TemporaryError("the pager does not answer")
        if schedule not in self.schedules:
            raise PermanentError(f"nobody knows the schedule {schedule!r}")
        return self.schedules[schedule]


class FakeSource:
    """Takes one alert as its own JSON; its secret and the delivery's name stand in headers."""

    paths: tuple[str, ...] = ()
    reads = frozenset({"as"})
    keys = ("token",)
    locks = ("token",)
    quota = 0
    later = 429

    async def authentic(self, posted: Posted) -> str:
        right = posted.headers.get("authorization") == "open sesame"
        return "" if right else "it does not know the word"

    async def greeted(self, posted: Posted) -> str:
        return "we are friends now" if posted.body == b"hello" else ""

    def delivery(self, posted: Posted) -> str:
        return posted.headers.get("delivery", "")

    def read(self, posted: Posted) -> list[Alert]:
        try:
            alert = Alert.model_validate_json(posted.body)
        except ValueError as error:
            raise AlertRejected(f"that is no alert: {error}") from error
        return [alert.model_copy(update={"name": posted.headers.get("as", alert.name)})]
