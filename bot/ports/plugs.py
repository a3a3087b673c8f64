"""What plug-ins are: actions, probes, sources, and how the engine finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from pydantic import BaseModel

from bot.core.alert import Alert
from bot.core.catalogue import Service
from bot.core.checkpoint import Signed
from bot.core.cmdb import Entry
from bot.core.graph import Line
from bot.core.incident import Incident
from bot.core.plan import Reversibility, Scope
from bot.core.posted import Posted
from bot.core.updates import Update
from bot.core.values import Facts


@runtime_checkable
class Action(Protocol):
    """
    One thing a runbook may do, and the way back from it.

    `mark` names this step of this incident, and is the same when the step is tried again: write
    it at the target where it can tell a repetition from a new request.
    """

    @property
    def params(self) -> type[BaseModel]: ...

    def way_back(self, params: Any) -> Reversibility:
        """Which way back this very call has: the same action may have one and lack one."""

    async def scope(self, params: Any) -> Scope:
        """Read, never write: what would be touched, the state to go back to, the exact words."""

    async def execute(self, params: Any, before: Facts, mark: str = "") -> str:
        """Do it; `before` is the scope's pre-state. Return one line: what was done."""

    async def undo(self, params: Any, before: Facts, mark: str = "") -> str:
        """Put `before` back; done twice it must be as if done once. One line: what was put back."""

    async def landed(self, params: Any, before: Facts, mark: str = "") -> bool | None:
        """After a crash: did an earlier life do it? None when the world cannot tell."""


@runtime_checkable
class Probe(Protocol):
    """One thing that can be read; raises TemporaryError or PermanentError when it sees nothing."""

    @property
    def params(self) -> type[BaseModel]: ...

    async def read(self, params: Any) -> Facts: ...


@runtime_checkable
class Ranged(Protocol):
    """A probe that also knows what it would have read before now, for graphs."""

    @property
    def params(self) -> type[BaseModel]: ...

    async def over(
        self, params: Any, since: datetime, until: datetime, step: float
    ) -> Sequence[Line]:
        """
        What there was, every `step` seconds; None where nothing was, and never a guess.

        Raises ActionError when it cannot be told.
        """


@runtime_checkable
class Source(Protocol):
    """One alert format, and how its sender proves itself: its test is a payload as it was sent."""

    @property
    def paths(self) -> tuple[str, ...]:
        """Where it may be posted to, beside /alerts/ and its name."""

    @property
    def reads(self) -> frozenset[str]:
        """The headers that `read` looks at, in lower case: they are kept with the body."""

    @property
    def keys(self) -> Sequence[str]:
        """The settings each of which opens it."""

    @property
    def locks(self) -> Sequence[str]:
        """The settings that keep strangers out; while none is set its door is shut."""

    @property
    def quota(self) -> int:
        """Messages a minute that it may send at most; 0 = any number."""

    @property
    def later(self) -> int:
        """The status after which its sender comes again by itself: 429, or 503."""

    async def authentic(self, posted: Posted) -> str:
        """Why it is not from the sender, without any secret; empty when it is."""

    async def greeted(self, posted: Posted) -> str:
        """Deal with what is about the connection itself; what was done, empty for alerts."""

    def delivery(self, posted: Posted) -> str:
        """What its sender calls this delivery, so that it counts once; empty when nothing."""

    def read(self, posted: Posted) -> list[Alert]:
        """Pure. Raise AlertRejected with the reason when it is not what this source sends."""


@runtime_checkable
class Hinting(Source, Protocol):
    """A source that also hears when somebody took what they were called for."""

    def hints(self, posted: Posted) -> bool:
        """
        Whether it is about that, and about no alert: then the pagers are asked at once.

        Who has it is what they say then, so a message that is played again changes nothing.
        """


@runtime_checkable
class Sink(Protocol):
    """One place that keeps checkpoints of the ledger where Heal cannot change them unnoticed."""

    @property
    def each(self) -> bool:
        """Whether it keeps every one; the newest alone stands for all before it too."""

    async def keep(self, signed: Signed, before: str) -> str:
        """
        Keep it, and return a receipt; twice is as once. `before` is the last receipt it gave.

        Raises ActionError when it cannot: it is asked again, and sent later what it missed.
        """

    async def why_not(self, before: str) -> str:
        """For the doctor, who changes nothing: why it would not keep one now; empty if it would."""


@runtime_checkable
class Correspondent(Protocol):
    """One system outside that is kept in step with incidents: a ticket system, or a pager."""

    @property
    def wanted(self) -> bool:
        """Whether its settings want it kept in step at all; if not, it is never told anything."""

    def concerns(self, incident: Incident) -> str | None:
        """
        Which record there the incident is about; asked until it is one, then recorded.

        None when it is none of its business, empty when a record is opened for it. Pure.
        """

    async def tell(self, update: Update, reference: str, *, uncertain: bool) -> str:
        """
        Do exactly this update, and return the reference of its record, opened if that is empty.

        Write the update's mark with all that is written. When `uncertain`, an earlier try may have
        been taken, or half of it: look for the mark there, and write only what is missing.

        Raises TemporaryError when nothing can be told now (also when a password is refused: people
        mend that), PermanentError when this very update is refused for what it is.
        """

    async def why_not(self) -> str:
        """For the doctor, who changes nothing: why it could not be told now; empty if it could."""


@runtime_checkable
class Objector(Correspondent, Protocol):
    """A correspondent whose records or calendars may object before anything is done."""

    async def objects(self, incident: Incident, reference: str) -> str:
        """
        Why nothing should be done about it now, in words for people; empty when nothing is against.

        An empty `reference` is no record. Raises ActionError when that cannot be told.
        """


@runtime_checkable
class Branching(Correspondent, Protocol):
    """A correspondent with other records in the same system, each kept in step by itself."""

    @property
    def branches(self) -> Mapping[str, Correspondent]:
        """By what is added to its own name."""


@runtime_checkable
class Preceding(Correspondent, Protocol):
    """A correspondent whose record has to stand before anything is done."""

    def precedes(self, incident: Incident) -> bool:
        """Whether that is so for what is about to be done about this one. Pure."""


class Cmdb(Protocol):
    """A register of services outside; it is asked while plans are built, so it keeps answers."""

    async def entry(self, service: Service) -> Entry:
        """What it says of exactly this service in this environment. Raises ActionError."""


@runtime_checkable
class Registering(Correspondent, Protocol):
    """A correspondent whose system knows services too."""

    @property
    def cmdb(self) -> Cmdb | None:
        """None where its settings do not want it asked."""


@runtime_checkable
class Holding(Protocol):
    """A pager that can say who took what it was told of."""

    async def holder(self, incident: Incident, system: str) -> str:
        """Who has it there by now; empty for nobody. Raises ActionError when it cannot tell."""


@runtime_checkable
class Ringing(Protocol):
    """A pager that can say where a page would ring, so that nobody's page is told to others."""

    def route(self, incident: Incident) -> str:
        """The same text for incidents whose pages wake the same people. Pure."""


class Plugins(Protocol):
    """The actions and probes that runbooks may name; an unknown name stopped the start."""

    def action(self, name: str) -> Action: ...
    def probe(self, name: str) -> Probe: ...
