"""What fate does: lines break, answers get lost, events come twice or late, Slack is away.

`at` and `on` say when, so that a story is a few lines:

    workspace.on("chat.postMessage", workspace.drop_sockets)
    workspace.at(0.5, workspace.fail_next, "chat.update", 500, 3)
    workspace.at(2, workspace.be_away, 10, "hang")
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from inspect import isawaitable
from typing import Any

from bot.rehearsal.workspace.acts.stage import Stage
from bot.rehearsal.workspace.faults import Absence, Fault, Faults
from bot.rehearsal.workspace.sockets import Sockets
from bot.rehearsal.workspace.web.listening import Listener
from bot.tasks import Tasks

Act = Callable[..., Awaitable[object] | object]


class Fate(Stage):
    """Every wait is in seconds, and shortened by the workspace's `time_scale`."""

    faults: Faults
    sockets: Sockets
    listener: Listener
    time_scale: float
    _tasks: Tasks

    def at(self, seconds: float, act: Act, *given: Any, **named: Any) -> None:
        """Does an act after so many seconds."""
        self._tasks.start(self._later(seconds, partial(act, *given, **named)), name=f"at {seconds}")

    def on(self, method: str, act: Act, *given: Any, **named: Any) -> None:
        """Does an act when the bot calls this method next, before it is answered."""
        doing = partial(act, *given, **named)
        self.faults.watch(method, lambda: self._now(doing))

    async def refresh(self) -> None:
        """Does what Slack does every few hours: asks each socket to reconnect, then closes it."""
        await self.sockets.refresh()

    def drop_sockets(self) -> None:
        """Cuts every socket without a goodbye."""
        self.sockets.drop()

    def refuse_handshakes(self, times: int = 1) -> None:
        """The next sockets are not opened; their tickets are used up all the same."""
        self.faults.plan_refusals(times)

    def fail_next(
        self, method: str, fault: int | str, times: int = 1, *, retry_after: int | None = None
    ) -> None:
        """The next calls of a method are not done: an HTTP status, or a Slack error by name."""
        if isinstance(fault, int):
            error = "ratelimited" if fault == 429 else "internal_error"
            self.faults.plan(method, Fault(fault, error, retry_after), times)
        else:
            self.faults.plan(method, Fault(error=fault, retry_after=retry_after), times)

    def lose_next(self, method: str, times: int = 1) -> None:
        """The next calls of a method are done, but the connection breaks before the answer."""
        self.faults.plan(method, Fault(done=True), times)

    def hang_next(self, method: str, seconds: float = 60, times: int = 1) -> None:
        """The next calls of a method are not done; the line breaks after so many seconds."""
        self.faults.plan(method, Fault(hang=seconds * self.time_scale), times)

    def duplicate_next(self, times: int = 1) -> None:
        """The next events come twice, with the same `event_id`."""
        self.faults.plan_duplicates(times)

    def delay_next(self, seconds: float, times: int = 1) -> None:
        """The next events come so much later; others may overtake them."""
        self.faults.plan_delays(seconds * self.time_scale, times)

    def reorder_next(self, together: int = 2) -> None:
        """The next events wait for each other, and come in the opposite order."""
        self.faults.plan_reordering(together)

    async def be_away(self, seconds: float, how: str = "error") -> None:
        """Slack is not there for so long, in one of the ways of Absence: "refused", "lost" …"""
        await self.go_away(how)
        await self.world.clock.sleep(seconds * self.time_scale)
        await self.come_back()

    async def go_away(self, how: str = "error") -> None:
        """Slack is not there until `come_back`; sockets break, events find nobody.

        When it is away already, from now on it shows in another way.
        """
        await self.come_back()
        self.faults.absence = Absence(how)
        self.faults.back.clear()
        self.sockets.drop()
        if self.faults.absence is Absence.REFUSED:
            await self.listener.close()
        self.world.pulse.changed()

    async def come_back(self) -> None:
        """Slack is there again."""
        if self.faults.absence is Absence.REFUSED:
            await self.listener.open()
        self.faults.absence = None
        self.faults.back.set()
        self.world.pulse.changed()

    async def _later(self, seconds: float, doing: Act) -> None:
        await self.world.clock.sleep(seconds * self.time_scale)
        await self._done(doing)

    def _now(self, doing: Act) -> None:
        """What takes no time is done before the call is answered."""
        begun = doing()
        if isawaitable(begun):
            self._tasks.start(_awaited(begun), name="what fate does")

    async def _done(self, doing: Act) -> None:
        begun = doing()
        if isawaitable(begun):
            await begun


async def _awaited(begun: Awaitable[object]) -> None:
    await begun
