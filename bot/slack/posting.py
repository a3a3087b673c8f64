"""The outbox is worked off here: the most urgent first, never faster than Slack takes it.

One message of a channel is under way at a time. A row is sent as it stands in the store at that
moment, so many changes become one edit. Whatever fails concerns its own row only.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from pydantic import ValidationError

from bot.core.errors import StoreUnavailable, TemporaryError
from bot.ports import Clock
from bot.slack import failures
from bot.slack.failures import Failure
from bot.slack.letters import Kind, Priority
from bot.slack.needs import Outbox, Row
from bot.slack.pacing import Pace, Pacer
from bot.slack.sending import Method, Sender, Sent
from bot.tasks import Tasks

TICK = 0.02
"""Seconds between two looks at the outbox: what is wanted meanwhile is seen together."""
_SILENCED = frozenset({"invalid_auth", "token_revoked", "account_inactive", "not_authed"})
log = logging.getLogger(__name__)


class Poster:
    """
    Sends what is due until it is closed; call `wake` when something new is wanted.

    `owed` says of which slots something else will be wanted in a moment: what stands in the outbox
    of those, maybe since before a long absence, is not sent any more.
    """

    def __init__(
        self,
        outbox: Outbox,
        sender: Sender,
        clock: Clock,
        pace: Pace | None = None,
        owed: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self.silenced = ""
        """Why Slack takes nothing of us any more, for readiness; empty while it does."""
        self._outbox = outbox
        self._sender = sender
        self._clock = clock
        self._owed = owed
        self._pace = pace or Pace()
        self._pacer = Pacer(self._pace)
        self._wanted = asyncio.Event()
        self._busy: set[str] = set()
        self._doubtful: dict[str, float] = {}
        """Rows that may stand there by a try of this life or an earlier one, and since when."""
        self._away: set[str] = set()
        """Rows whose last try met no Slack: the first of them that gets through wakes the others,
        so that the most urgent go first then, and not whichever had to wait the least."""
        self._gone: set[str] = set()
        self._refused: dict[str, int] = {}
        self._paused: dict[str, float] = {}
        """Until when, by the monotonic clock. Of this life only: a next one may have another token,
        and a wall clock that was set back keeps nobody waiting."""
        self._looping = Tasks()
        self._sending = Tasks()

    async def start(self) -> None:
        """Begin; what an earlier life may have posted is looked for before it is posted."""
        began = self._clock.monotonic()
        self._doubtful = dict.fromkeys(await self._outbox.unposted(), began)
        self._looping.start(self._run(), name="work off the outbox")

    def wake(self) -> None:
        """Something is wanted: look at once."""
        self._wanted.set()

    async def close(self, grace: float = 3.0) -> None:
        """Begin nothing more; what is under way may end."""
        await self._looping.close(0)
        await self._sending.close(grace)

    async def _run(self) -> None:
        while True:
            self._wanted.clear()
            try:
                rest = await self._pass()
            except StoreUnavailable:
                log.exception("the outbox cannot be worked off")
                rest = self._pace.first_pause
            with suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._wanted.wait()
            await asyncio.sleep(TICK)

    async def _pass(self) -> float | None:
        """Begin to send what may be sent now; the seconds until more may, None if none waits."""
        self._outbox.insist()
        waits: list[float] = []
        busy = set(self._busy)  # a row that is sent while we read may look unsent
        for row in await self._outbox.due():
            channel = row.sent_channel or row.channel
            if channel in busy | self._busy or (row.thread_slot and not row.thread_ts):
                continue
            if self._owed(row.slot):
                continue
            if (wait := self._wait(row, channel)) > 0:
                waits.append(wait)
                continue
            if self._how(row) is Method.EDIT:
                self._pacer.edited(row.slot, self._clock.monotonic())
            self._busy.add(channel)
            self._sending.start(self._deliver(row, channel), name=f"send {row.slot}")
        return min(waits, default=None)

    def _how(self, row: Row) -> Method:
        """A message that somebody deleted is posted anew."""
        if row.kind == Kind.FILE:
            return Method.UPLOAD
        return Method.POST if row.ts is None or row.slot in self._gone else Method.EDIT

    def _wait(self, row: Row, channel: str) -> float:
        now, how = self._clock.monotonic(), self._how(row)
        changed = self._refused.get(row.slot, row.version) != row.version
        pause = 0.0 if changed else self._paused.get(row.slot, now) - now
        if how is Method.EDIT:
            return max(pause, self._pacer.before_edit(how, row.slot, now))
        asks = row.priority == Priority.APPROVAL
        return max(pause, self._pacer.before_post(how, channel, now, asks=asks))

    async def _deliver(self, row: Row, channel: str) -> None:
        how = self._how(row)
        try:
            sent = await self._said(row, how)
            await self._outbox.sent(row.slot, sent.version, sent.ts, sent.channel)
            self._settled(row.slot)
        except ValidationError as error:
            await self._failed(row, how, Failure(failures.Kind.REFUSED, str(error)[:300]))
        except failures.ERRORS as error:
            await self._failed(row, how, failures.read(error))
        except TemporaryError as error:
            self._away.add(row.slot)
            await self._note(row.slot, str(error), max(error.retry_after, self._pause(row)))
        except StoreUnavailable:
            self._doubtful[row.slot] = self._clock.monotonic()
            log.exception("%s: what became of it could not be noted", row.slot)
        finally:
            if how is not Method.EDIT:  # as late as Slack can have counted it
                self._pacer.posted(channel, row.slot, self._clock.monotonic())
            self._busy.discard(channel)
            self._wanted.set()

    async def _said(self, row: Row, how: Method) -> Sent:
        """Say it, unless an earlier try did, or another process may be saying it by now."""
        found = await self._found(row, how)
        if found is None:
            self._outbox.insist()  # whoever was frozen since this row was read speaks for nobody
        return found or await self._sender.send(row, how)

    def _settled(self, slot: str) -> None:
        self.silenced = ""
        self._refused.pop(slot, None)
        self._paused.pop(slot, None)
        self._gone.discard(slot)
        self._doubtful.pop(slot, None)
        if not self._doubtful:
            self._sender.forget()
        if slot in self._away:
            for other in self._away:
                self._paused.pop(other, None)
            self._away.clear()

    async def _found(self, row: Row, how: Method) -> Sent | None:
        """
        Where an earlier try left it, when there may have been one that arrived.

        When the place cannot be read at all, it is posted: twice is better than never. Raises
        TemporaryError when it cannot be read just now.
        """
        since = self._doubtful.get(row.slot)
        if how is Method.EDIT or since is None:
            return None
        try:
            return await self._sender.find(row, since=since, now=self._clock.monotonic())
        except failures.ERRORS as error:
            if failures.read(error).kind in {failures.Kind.GONE, failures.Kind.REFUSED}:
                return None
            raise failures.temporary(error) from error

    async def _failed(self, row: Row, how: Method, failure: Failure) -> None:
        match failure.kind:
            case failures.Kind.LIMITED:
                until = self._clock.monotonic() + failure.retry_after * _jitter()
                self._pacer.hold(how, until)
            case failures.Kind.GONE if how is Method.EDIT:
                self._gone.add(row.slot)
            case failures.Kind.GONE if row.thread_slot:
                await self._note(row.thread_slot, "somebody deleted it", 0)
                await self._note(row.slot, "the root of its thread is gone", self._pace.first_pause)
            case failures.Kind.LOST | failures.Kind.UNREACHED:
                self._away.add(row.slot)
                if failure.kind is failures.Kind.LOST:
                    self._doubtful[row.slot] = self._clock.monotonic()
                await self._note(row.slot, failure.says, self._pause(row))
            case _:
                log.error("Slack refused %s: %s", row.slot, failure.says)
                self._away.discard(row.slot)
                self.silenced = failure.says if failure.says in _SILENCED else ""
                self._refused[row.slot] = row.version
                await self._note(row.slot, failure.says, self._pace.refused_pause)

    def _pause(self, row: Row) -> float:
        """Seconds before the next try, the more the longer Slack is away already."""
        pause = self._pace.first_pause * 2.0 ** min(row.tries, 10)
        return min(self._pace.longest_pause, pause) * _jitter()

    async def _note(self, slot: str, says: str, pause: float) -> None:
        """Keep why it failed, and the seconds until it may be tried again."""
        self._paused[slot] = self._clock.monotonic() + pause
        not_before = self._clock.now() + timedelta(seconds=pause)
        try:
            await self._outbox.failed(slot, says, not_before)
        except StoreUnavailable:
            log.exception("a failure of %s could not be noted: %s", slot, says)


def _jitter() -> float:
    """Up to a tenth more, so that what was held up together does not come back together."""
    return 1 + random.random() / 10  # noqa: S311 - it only spreads the load
