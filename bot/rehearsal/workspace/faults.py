"""What goes wrong on purpose: the next answers, events and handshakes; a Slack that is away."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

RETRY_AFTER = 30


@dataclass(frozen=True)
class Fault:
    """
    One bad answer: an HTTP status, or a Slack error; `done` when the call was done first.

    With `hang` the connection breaks after so many seconds without any answer.
    """

    status: int = 200
    error: str = "internal_error"
    retry_after: int | None = None
    done: bool = False
    hang: float | None = None


class Absence(StrEnum):
    """How it shows that Slack is not there."""

    REFUSED = "refused"
    """Nobody listens."""
    ERROR = "error"
    """HTTP 503 for everything."""
    HANG = "hang"
    """Connections are taken, and nothing is ever answered."""
    DROPPED = "dropped"
    """Connections break as soon as something was asked."""
    LIMITED = "limited"
    """HTTP 429 for everything, with a `Retry-After` of RETRY_AFTER seconds."""
    LOST = "lost"
    """What is asked is done, and the connection breaks before the answer."""


class Faults:
    """The faults that wait for their moment; each is used once, in order."""

    def __init__(self) -> None:
        self.absence: Absence | None = None
        """How Slack is away now, if it is."""
        self.back = asyncio.Event()
        self._answers: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._watching: defaultdict[str, deque[Callable[[], None]]] = defaultdict(deque)
        self._duplicates = 0
        self._handshakes = 0
        self._delays: deque[float] = deque()
        self._reordering: list[Callable[[], None]] = []
        self._together = 0

    def plan(self, method: str, fault: Fault, times: int) -> None:
        """The next `times` calls of this method meet the fault."""
        self._answers[method].extend([fault] * times)

    def of_call(self, method: str) -> Fault | None:
        """The fault of the call that is made now; whoever waits for such a call is told first."""
        if self._watching[method]:
            self._watching[method].popleft()()
        waiting = self._answers[method]
        return waiting.popleft() if waiting else None

    def watch(self, method: str, then: Callable[[], None]) -> None:
        """Calls `then` when this method is called next, before it is answered."""
        self._watching[method].append(then)

    def plan_duplicates(self, times: int) -> None:
        """The next `times` events come twice."""
        self._duplicates += times

    def duplicate_now(self) -> bool:
        """Whether the event that is sent now comes twice."""
        if self._duplicates == 0:
            return False
        self._duplicates -= 1
        return True

    def plan_delays(self, seconds: float, times: int) -> None:
        """The next `times` events come so much later."""
        self._delays.extend([seconds] * times)

    def delay_now(self) -> float:
        """How much later the event comes that is sent now."""
        return self._delays.popleft() if self._delays else 0.0

    def plan_reordering(self, together: int) -> None:
        """The next `together` events wait for each other and come in the opposite order."""
        self._together = together

    def send(self, event: Callable[[], None]) -> None:
        """Sends this event now, or with those that it changes places with."""
        if not self._together:
            return event()
        self._reordering.append(event)
        if len(self._reordering) == self._together:
            waiting, self._reordering, self._together = self._reordering[::-1], [], 0
            for one in waiting:
                one()
        return None

    def plan_refusals(self, times: int) -> None:
        """The next `times` handshakes of sockets are refused, their tickets used up."""
        self._handshakes += times

    def refuse_now(self) -> bool:
        """Whether the handshake that is asked for now is refused."""
        if self._handshakes == 0:
            return False
        self._handshakes -= 1
        return True
