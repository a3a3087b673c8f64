"""
Life: one incident's workflow in this process; what an earlier life did is read, not done again.

A step is recorded after its act. An act that a crash cut short therefore begins again, and it is
the workflow's claim, a step of its own before it, that tells the second life to be careful.

Each record costs a wait for the disk, so a step after which nothing is done before the next one
may be held: both are recorded together, and a crash between them is as if neither had begun.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime

from bot.core.facts import Expired
from bot.core.transcript import Draft, Entry
from bot.durable.gate import Gate
from bot.durable.letters import EXPIRED, IllegalReplay, mailbox, same
from bot.durable.others import LATE, Deadline, Nobody, Others, outlived
from bot.durable.sleeping import FellAsleep, Sleep, dozed
from bot.durable.waiting import SLICE, Bell, written
from bot.ports import Clock, Ledger
from bot.telemetry.about import about

AWAKE = 60.0
"""Seconds that a life waits before it sleeps: a letter that comes soon needs no replay."""


class Life:
    """The port's Life over a ledger that only this process writes."""

    def __init__(
        self,
        incident: str,
        ledger: Ledger,
        clock: Clock,
        gate: Gate,
        others: Others = Nobody(),
        slept: Sleep | None = None,
    ) -> None:
        """`slept` is how it waited in this process, if it did: its deadline goes on."""
        self.incident = incident
        self.nonce = secrets.token_hex(16)  # not one a process: a fork would say the same
        self._ledger = ledger
        self._clock = clock
        self._gate = gate
        self._others = others
        self._entries: dict[str, Entry] = {}
        self._put_away: set[str] = set()
        self._held: dict[str, Draft] = {}
        self._acting: set[str] = set()
        self._shut: set[str] = set()
        self._since: datetime | None = None
        self._deadlines = slept.deadlines if slept else dict[str, Deadline]()
        self._bells: defaultdict[str, Bell] = defaultdict(Bell)

    def recall(self, entries: Sequence[Entry]) -> None:
        """Take note of what stands already: what follows from it alone was awaited before."""
        for entry in entries:
            self.remember(entry)
        self._since = max((entry.at for entry in entries), default=None)

    def remember(self, entry: Entry) -> None:
        """Take note of what stands in the record, and wake who waits for it."""
        self._entries[entry.key] = entry
        self._held.pop(entry.key, None)
        if entry.key in self._bells:
            self._bells[entry.key].ring()

    @property
    def waiting(self) -> bool:
        """Whether it waits for a letter, with its deadline wound up if there is one."""
        return any(name not in self._entries for name in self._bells)

    def has(self, name: str) -> bool:
        """Whether it took note of this entry."""
        return name in self._entries

    @property
    def held(self) -> Sequence[Draft]:
        """What was done and is recorded with the next step, not yet before."""
        return tuple(self._held.values())

    def recorded(self, key: str) -> bool:
        """Whether the result of a step is in the record."""
        name = f"{self.incident}:{key}"
        return name in self._entries or name in self._put_away

    async def step(
        self,
        key: str,
        kind: str,
        actor: str,
        act: Callable[[], Awaitable[str]],
        *,
        hold: bool = False,
        reads: bool = False,
    ) -> str:
        """
        Do it once, ever: `act` returns canonical JSON, which is recorded under `key`.

        Ever after the recorded result is returned and `act` is not called. What `act` raises
        is raised here and not recorded. Once it is done this waits, if need be, for a ledger
        that can be written. Who asks to `hold` it begins the next step at once, without
        waiting for anything before. An act that only `reads` has no effect that a stop must
        wait for: it is broken off, and another life does it anew.
        """
        name = f"{self.incident}:{key}"
        if standing := self._entries.get(name) or await self._fetched(name):
            return same(standing, kind)
        if name in self._acting or name in self._held:
            raise IllegalReplay(f"step {name} was begun twice at the same time")
        self._acting.add(name)
        self._since = None
        try:
            with about(step=key, actor=actor):
                found = await act() if reads else None
                async with self._gate.act():
                    body = await act() if found is None else found
                    draft = self._draft(name, kind, actor, body)
                    self._held[name] = draft
                    if hold and not self._gate.closed:
                        return draft.body
                    await self._record()
                    return same(self._entries[name], kind)
        finally:
            self._acting.discard(name)

    async def outlive(self, key: str, within: float) -> bool:
        """
        Wait until what another process claimed by this step must be over; False for our own.

        `within` is how many seconds an act of that claim may take.
        """
        name = f"{self.incident}:{key}"
        claim = self._entries.get(name) or await self._fetched(name)
        if claim is None or not self._others.theirs(claim):
            return False
        await outlived(claim, within, self._others, self._clock)
        return True

    def left(self, began: float, within: float) -> float:
        """Seconds for an act that was claimed then (monotonic): others count on its end."""
        if isinstance(self._others, Nobody):
            return within
        return min(within, began + within + LATE - self._clock.monotonic())

    def acting(self) -> AbstractAsyncContextManager[None]:
        """Inside, what is done ends with UncertainError once another process may act."""
        return self._others.acting()

    async def receive(
        self, topic: str, deadline: datetime | None, *, sleeps: bool = False
    ) -> str | None:
        """
        Wait for the letter on a topic: its body, or None for ever once the deadline has passed.

        Letter and deadline race for the same entry, so there is one winner, also across lives.
        Who has nothing under way besides `sleeps`: after a while, or at once when it only replayed
        what stands, this life ends here, and another one is begun when it is over.
        """
        if self._held:
            await self._record()
        name = mailbox(self.incident, topic)
        until = self._until(name, deadline)
        if sleeps and name not in self._entries:
            awake = 0 if self._since else AWAKE
            if await dozed(self._bells[name], until, awake, self._clock) and not self._acting:
                raise FellAsleep(Sleep(name, until))
        letter = self._entries.get(name) or await self._letter(name, until)
        late = deadline is not None and letter.at >= deadline
        return None if late or letter.kind == EXPIRED else letter.body

    async def peek(self, topic: str) -> str | None:
        """The letter, if there is one now; nothing is waited for and nothing recorded."""
        letter = self._entries.get(mailbox(self.incident, topic))
        return None if letter is None or letter.kind == EXPIRED else letter.body

    async def shut(self, topic: str) -> str | None:
        """
        The letter, if it came by now; those that come later are turned away by `takes`.

        Those that are on their way to the disk came before: the ledger works in order.
        """
        self._shut.add(topic)
        name = mailbox(self.incident, topic)
        letter = await written(self._clock, lambda: self._ledger.find(name))
        return None if letter is None or letter.kind == EXPIRED else letter.body

    def takes(self, topic: str) -> bool:
        """Whether a letter would be heard by this life."""
        return topic not in self._shut

    def overdue(self, topic: str) -> datetime | None:
        """The deadline of a topic that is waited for, once it has passed."""
        deadline = self._deadlines.get(mailbox(self.incident, topic))
        return deadline.at if deadline is not None and deadline.left <= 0 else None

    def _until(self, name: str, at: datetime | None) -> Deadline | None:
        if at is not None and name not in self._deadlines:
            since = self._since or self._clock.now()
            self._deadlines[name] = Deadline(at, self._clock, since)
        return self._deadlines.get(name)

    async def _letter(self, name: str, until: Deadline | None) -> Entry:
        """Wait until the letter stands: theirs, or that it is too late for one."""
        bell = self._bells[name]
        self._put_by()
        while (letter := self._entries.get(name)) is None:
            if until is None:
                await bell.wait()
            elif (left := until.left) > 0:
                await bell.wait_at_most(min(left, SLICE), self._clock)
            else:
                body = Expired(deadline=until.at).body
                self._held[name] = self._draft(name, EXPIRED, "heal", body)
                await self._record()
        return letter

    def _put_by(self) -> None:
        """
        Keep no more than the names of what stands, but for letters: a wait may take days.

        The ledger has the rest, for whoever asks for a step again.
        """
        letters = mailbox(self.incident, "")
        steps = {name for name in self._entries if not name.startswith(letters)} - self._acting
        for name in steps:
            del self._entries[name]
        self._put_away |= steps

    async def _fetched(self, name: str) -> Entry | None:
        """Read an entry again that was put away."""
        if name not in self._put_away:
            return None
        return await written(self._clock, lambda: self._ledger.find(name))

    def _draft(self, name: str, kind: str, actor: str, body: str) -> Draft:
        now, incident = self._clock.now(), self.incident
        return Draft(at=now, incident=incident, actor=actor, kind=kind, key=name, body=body)

    async def _record(self) -> None:
        """Write down all that is held, the newest with what came before it."""
        drafts = self.held
        for entry, _ in await written(self._clock, lambda: self._ledger.append_all(drafts)):
            self.remember(entry)
