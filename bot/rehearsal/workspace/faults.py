"""What goes wrong on purpose: the next answers of the Web API, the next events."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One bad answer: an HTTP status, or a Slack error; `done` when the call was done first."""

    status: int = 200
    error: str = "internal_error"
    retry_after: int | None = None
    done: bool = False


class Faults:
    """The faults that wait for their moment; each is used once, in order."""

    def __init__(self) -> None:
        self._answers: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._duplicates = 0

    def plan(self, method: str, fault: Fault, times: int) -> None:
        """The next `times` calls of this method meet the fault."""
        self._answers[method].extend([fault] * times)

    def of_call(self, method: str) -> Fault | None:
        """The fault of the call that is made now."""
        waiting = self._answers[method]
        return waiting.popleft() if waiting else None

    def plan_duplicates(self, times: int) -> None:
        """The next `times` events come twice."""
        self._duplicates += times

    def duplicate_now(self) -> bool:
        """Whether the event that is sent now comes twice."""
        if self._duplicates == 0:
            return False
        self._duplicates -= 1
        return True
