"""What the engine asks of the world: small Protocols that app.py fills; fakes pass their tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from pydantic import BaseModel

from bot.core import facts
from bot.core.alert import Alert
from bot.core.episode import Episode
from bot.core.incident import Incident
from bot.core.plan import Reversibility, Scope
from bot.core.runbook import Runbook
from bot.core.transcript import Brief, Draft, Entry
from bot.core.values import Facts


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> datetime: ...
    def monotonic(self) -> float: ...
    async def sleep(self, seconds: float) -> None: ...


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
class Source(Protocol):
    """One alert format: pure, so that its test is a payload and an expectation."""

    def authentic(self, headers: Mapping[str, str], body: bytes, secret: str) -> bool: ...

    def parse(self, headers: Mapping[str, str], body: bytes, now: datetime) -> list[Alert]:
        """Raise AlertRejected with the reason when it is not what this source sends."""


class Ledger(Protocol):
    """The append-only, hash-chained record; nothing is done that it does not hold first."""

    async def append(self, draft: Draft) -> tuple[Entry, bool]:
        """Record once: the entry that stands under this key, and whether it is new."""

    async def append_all(self, drafts: Sequence[Draft]) -> Sequence[tuple[Entry, bool]]:
        """Record these in their order, all of them or none; each as `append` does."""

    async def brief(self, incident: str) -> Brief:
        """Its transcript, without the middle of very many alerts that joined it."""

    async def find(self, key: str) -> Entry | None: ...


class Letter(NamedTuple):
    """What stands in a mailbox after somebody tried to put something in: the first wins."""

    won: bool
    kind: str
    body: str | None
    actor: str
    at: datetime


class Life(Protocol):
    """One incident's workflow while it lives in this process; replayed from the record."""

    @property
    def incident(self) -> str: ...
    @property
    def nonce(self) -> str: ...

    def recorded(self, key: str) -> str | None:
        """The result of a step, if it is in the record."""

    @property
    def held(self) -> Sequence[Draft]:
        """What was done and is recorded with the next step, not yet before."""

    async def step(
        self,
        key: str,
        kind: str,
        actor: str,
        act: Callable[[], Awaitable[str]],
        *,
        hold: bool = False,
        reads: bool = False,
    ) -> str: ...
    async def receive(self, topic: str, deadline: datetime | None) -> str | None: ...
    async def peek(self, topic: str) -> str | None: ...
    async def shut(self, topic: str) -> str | None: ...


class Durable(Protocol):
    """How a run survives the process."""

    async def start(self, incident: str, opened: Entry | None = None) -> None:
        """Begin, or go on; `opened` when it was recorded just now, so that there is no more."""

    async def signal(
        self, incident: str, topic: str, body: str, actor: str, kind: str = "mail.sent"
    ) -> Letter: ...


class Background(Protocol):
    """Where background work is started: named, kept, supervised (bot/tasks.py)."""

    def start(self, work: Coroutine[Any, Any, Any], *, name: str) -> asyncio.Task[Any]: ...


class People(Protocol):
    """Who people are, asked live: membership is read at the click, and failing means no."""

    async def members(self, groups: Sequence[str]) -> frozenset[str]:
        """User ids of all these groups (ids or handles); raises TemporaryError when unknown."""


class Plugins(Protocol):
    """The actions and probes that runbooks may name; an unknown name stopped the start."""

    def action(self, name: str) -> Action: ...
    def probe(self, name: str) -> Probe: ...


class Answer(NamedTuple):
    """What a person is told in private about what they asked for."""

    done: bool
    text: str
    incident: str = ""


class Cases(Protocol):
    """All incidents as they stand, folded from the ledger; kept in memory, never the record."""

    def get(self, incident: str) -> Incident | None: ...
    def find(self, words: str) -> Incident | None:
        """By id as people write it: inc-7f3k2m, run-7f3k2m or 7f3k2m."""

    def open(self) -> Sequence[Incident]: ...
    def recent(self, count: int) -> Sequence[Incident]:
        """Newest first."""

    def since(self, at: datetime, count: int) -> Sequence[Episode]:
        """What was opened since then, newest first, at most so many."""

    def halted(self) -> facts.Halted | None: ...
    def subscribe(self, told: Callable[[Incident, Entry], None]) -> None:
        """Be told of each entry after it is safe, with the incident as it stands then."""


class Requests(Protocol):
    """What people may ask for, from Slack or anywhere; each one is authorised and recorded."""

    async def vote(
        self, incident: str, round_: int, who: str, *, yes: bool, why: str, reacted: bool = False
    ) -> Answer:
        """The plan of this round, 0 is the open one; `reacted` is too little for some plans."""

    async def pause(self, incident: str, round_: int, who: str) -> Answer:
        """By a reaction: the question is closed, nothing runs, and this person takes over."""

    async def wish(self, wish: facts.Wish, channel: str, thread: str, once: str = "") -> Answer:
        """`once` names this asking: brought again after a crash, it opens nothing anew."""

    async def cancel(self, incident: str, who: str, why: str) -> Answer: ...
    async def undo(
        self, incident: str, who: str, channel: str, thread: str, once: str = ""
    ) -> Answer: ...
    async def again(self, incident: str, who: str, once: str = "") -> Answer:
        """Ask anew what nobody decided in time."""

    async def keep(self, incident: str, who: str) -> Answer: ...
    async def halt(self, who: str, why: str) -> Answer: ...
    async def resume(self, who: str, why: str) -> Answer: ...
    def runbooks(self) -> Sequence[Runbook]: ...


class Item(Protocol):
    """Something that came in and is not dealt with; `room` understands its body."""

    @property
    def id(self) -> int: ...
    @property
    def room(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def body(self) -> bytes: ...


class Kept(Protocol):
    """Where something that came in is kept; `fresh` is False when it had come before."""

    @property
    def id(self) -> int: ...
    @property
    def fresh(self) -> bool: ...


class Inbox(Protocol):
    """What came in, on disk before anybody is told that it was received."""

    async def put(
        self, keys: Sequence[str], room: str, body: bytes, headers: Mapping[str, str], at: datetime
    ) -> Kept: ...
    async def pending(self, room: str = "", after: int = 0) -> Sequence[Item]:
        """The next page behind the item `after`, oldest first, of rooms that begin so."""

    async def done(self, *items: int) -> None: ...
    async def refused(self, item: int, why: str) -> None: ...
