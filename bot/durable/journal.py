"""Journal: incidents that survive a crash, replayed from the ledger itself; for one process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from bot.core.facts import Expired
from bot.core.transcript import Draft, Entry
from bot.durable.gate import Gate, Leave
from bot.durable.letters import EXPIRED, IllegalReplay, mailbox
from bot.durable.life import Life
from bot.durable.others import Nobody, Others
from bot.durable.sleeping import Dormitory, FellAsleep, Sleep
from bot.durable.waiting import written
from bot.ports import Clock, Letter
from bot.store.ledger import Ledger
from bot.store.view import View
from bot.tasks import Tasks
from bot.telemetry.about import about

Workflow = Callable[[Life], Awaitable[None]]
OnCrash = Callable[[str, BaseException], Coroutine[Any, Any, None]]
OPENED, CLOSED = "incident.opened", "incident.closed"
RESTORED = "ledger.restored"
JOINED = "alert.joined"
"""What may come by the hundred thousand; a life asks only when the last of it was."""
READING = 64
"""Transcripts that are read at a time: after a restart thousands are, and each is soon let go."""


class Recovered(NamedTuple):
    """
    What a restart found: runs that go on, and runs of a version this code must not replay.

    None of `unknown` goes on: they were open when the ledger was put back from a backup, and
    what became of them after that was made stands nowhere.
    """

    resumed: tuple[str, ...]
    foreign: tuple[str, ...]
    unknown: tuple[str, ...] = ()


class Journal:
    """The port's Durable over a ledger that only this process writes."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        tasks: Tasks,
        workflow: Workflow,
        versions: frozenset[str],
        on_crash: OnCrash,
        leave: Leave | None = None,
        others: Others = Nobody(),
    ) -> None:
        """`leave` is waited for before each act; `others` are those that may want to act too."""
        self._ledger = ledger
        self._clock = clock
        self._tasks = tasks
        self._workflow = workflow
        self._versions = versions
        self._on_crash = on_crash
        self._gate = Gate(clock, leave)
        self._others = others
        self._lives: dict[str, Life] = {}
        self._running: set[asyncio.Task[Sleep | None]] = set()
        self._due: dict[str, Sleep | None] = {}
        self._reading = 0
        self._asleep = Dormitory(clock, tasks, self._resume)
        self._deaf = ledger.subscribe(self._heard)

    async def start(self, incident: str, opened: Entry | None = None) -> None:
        """
        Begin, or go on with, an incident that the ledger says is open; while it lives, nothing.

        `opened` is its first entry when that was recorded just now: then there is nothing else
        to read. Raises LookupError for one that was never opened.
        """
        if self._goes_on(incident):
            return
        if opened is not None:
            self._live(incident, [opened])
            return
        opened, closed = await self._ledger.transaction(partial(_ends, incident))
        if opened is None:
            raise LookupError(f"no incident {incident} was ever opened")
        if _workflow(opened) not in self._versions:
            raise IllegalReplay(f"incident {incident} runs as {_workflow(opened)}, unknown here")
        if closed is None and not self._goes_on(incident):
            self._resume(incident)

    @property
    def waiting(self) -> int:
        """How many lives wait for a letter: armed again, after a restart."""
        return len(self._asleep) + sum(life.waiting for life in self._lives.values())

    async def recover(self) -> Recovered:
        """Go on, after a restart, with all that was open and that this version can replay."""
        resumed, foreign, unknown = [], [], []
        restored = await self._ledger.transaction(lambda view: view.last(RESTORED))
        for opened in await self._ledger.open_incidents():
            if restored is not None and opened.seq < restored.seq:
                unknown.append(opened.incident)
            elif _workflow(opened) in self._versions:
                self._resume(opened.incident)
                resumed.append(opened.incident)
            else:
                foreign.append(opened.incident)
        return Recovered(tuple(resumed), tuple(foreign), tuple(unknown))

    async def signal(
        self, incident: str, topic: str, body: str, actor: str, kind: str = "mail.sent"
    ) -> Letter:
        """
        Put a letter into an incident's mailbox, unless one stands there or nobody would hear it.

        The letter that is returned has no body when none was taken in time.

        Raises LookupError for an unknown incident and StoreUnavailable when it was not recorded.
        """
        key, now = mailbox(incident, topic), self._clock.now()
        draft = Draft(at=now, incident=incident, actor=actor, kind=kind, key=key, body=body)
        if deadline := self._overdue(incident, topic):
            said = Expired(deadline=deadline).body
            draft = replace(draft, actor="heal", kind=EXPIRED, body=said)
        life = self._lives.get(incident)
        heard = life is None or life.takes(topic)
        letter, won = await self._ledger.transaction(partial(_post, draft, heard))
        stands = letter.body if letter.key == key and letter.kind != EXPIRED else None
        return Letter(won and stands is not None, letter.kind, stands, letter.actor, letter.at)

    async def close(self, grace: float) -> None:
        """Begin no more acts, give those that run `grace` seconds, then let go of every life."""
        await self._gate.close(grace)
        self._due.clear()
        self._asleep.empty()
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(set(self._running))
        self._deaf()

    def _overdue(self, incident: str, topic: str) -> datetime | None:
        """The deadline of a topic that is waited for, once it has passed."""
        if life := self._lives.get(incident):
            return life.overdue(topic)
        slept = self._asleep.get(incident) or self._due.get(incident)
        deadline = slept.deadlines.get(mailbox(incident, topic)) if slept else None
        return deadline.at if deadline and deadline.left <= 0 else None

    def _goes_on(self, incident: str) -> bool:
        """Whether it lives, sleeps, or will live again soon."""
        return any(incident in those for those in (self._lives, self._asleep, self._due))

    def _resume(self, incident: str, slept: Sleep | None = None) -> None:
        """Let it live again as soon as its turn to be read comes."""
        self._due[incident] = slept
        self._more()

    def _more(self) -> None:
        while self._due and self._reading < READING:
            incident = next(iter(self._due))
            self._live(incident, slept=self._due.pop(incident))

    def _live(
        self, incident: str, known: Sequence[Entry] | None = None, slept: Sleep | None = None
    ) -> None:
        if incident in self._lives or self._gate.closed:
            return
        life = self._lives[incident] = Life(
            incident, self._ledger, self._clock, self._gate, self._others, slept
        )
        self._reading += known is None
        task = self._tasks.start(self._run(life, known), name=f"incident {incident}")
        self._running.add(task)
        task.add_done_callback(partial(self._ended, incident))

    async def _run(self, life: Life, known: Sequence[Entry] | None) -> Sleep | None:
        """Live it to its end, or until it sleeps."""
        with about(incident=life.incident):
            if known is None:
                try:
                    known = await written(self._clock, partial(self._read, life.incident))
                finally:
                    self._reading -= 1
                    self._more()
            life.recall(known)
            del known  # it may wait for days, and the ledger has them
            try:
                await self._workflow(life)
            except FellAsleep as asleep:
                return asleep.sleep
            return None

    async def _read(self, incident: str) -> Sequence[Entry]:
        return await self._ledger.of(incident, JOINED)

    def _ended(self, incident: str, task: asyncio.Task[Sleep | None]) -> None:
        self._running.discard(task)
        life = self._lives.pop(incident)
        if task.cancelled():
            return
        if error := task.exception():
            crashed = self._on_crash(incident, error)
            self._tasks.start(crashed, name=f"crash of incident {incident}")
        elif (sleep := task.result()) and not self._gate.closed:
            if life.has(sleep.letter):  # it came while this life fell asleep
                self._resume(incident, sleep)
            else:
                self._asleep.lay(incident, sleep)

    def _heard(self, entry: Entry) -> None:
        """Let a life know what was recorded of its incident, by whomever."""
        self._asleep.heard(entry)
        if entry.kind != JOINED and (life := self._lives.get(entry.incident)):
            life.remember(entry)


def _ends(incident: str, view: View) -> tuple[Entry | None, Entry | None]:
    return view.first(incident, OPENED), view.first(incident, CLOSED)


def _post(draft: Draft, heard: bool, view: View) -> tuple[Entry, bool]:  # noqa: FBT001 - partial
    """Leave the letter if it is heard; what stands may be an earlier one, or no letter at all."""
    if standing := view.find(draft.key):
        return standing, False
    opened, closed = _ends(draft.incident, view)
    if opened is None:
        raise LookupError(f"no incident {draft.incident} was ever opened")
    if closed or not heard:
        return closed or opened, False
    return view.append(draft)


def _workflow(opened: Entry) -> str:
    """The version that the incident was opened for; the rest of the fact may be unknown here."""
    return str(json.loads(opened.body).get("workflow", ""))
