"""The seat of a Postgres in memory; test_seats.py holds it to what the real one does."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.clients.seats import Me, Seat, Seen
from bot.core.errors import StoreUnavailable


@dataclass
class Seats:
    """The database: who has the lock, and the two tables."""

    up: float = 1e6
    """Seconds since it was started."""
    taken: float = 1e5
    """Seconds since the seat was taken."""
    away: bool = False
    committing: bool = False
    """Whether a commit of the last epoch is under way."""
    epoch: int = 0
    executor: str = ""
    holder: Line | None = None
    members: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    acted: dict[str, str] = field(default_factory=dict)
    """Who had the seat and did not give it back, and its process."""
    lines: list[Line] = field(default_factory=list)

    async def connect(self) -> Line:
        if self.away:
            raise StoreUnavailable("Postgres does not answer: connection refused")
        line = Line(self)
        self.lines.append(line)
        return line

    def cut(self, line: Line) -> None:
        """End a session, as Postgres does when it hears nothing for too long."""
        self.lines.remove(line)
        self.holder = None if self.holder is line else self.holder

    def restart(self) -> None:
        for line in list(self.lines):
            self.cut(line)
        self.up = 0.0


class Line:
    """One session."""

    address = "192.0.2.7"

    def __init__(self, seats: Seats) -> None:
        self._seats = seats

    async def look(self, me: Me, address: str, applied: int) -> Seen:
        seats = self._asked()
        seats.members[me.executor] = (address, me.token, applied)
        at, token, _ = seats.members.get(seats.executor, ("", "", 0))
        return Seen(Seat(seats.epoch, seats.executor, at, token), seats.taken, seats.up)

    async def lock(self) -> bool:
        seats = self._asked()
        if seats.holder not in {None, self}:
            return False
        seats.holder = self
        return True

    async def unlock(self) -> None:
        self._asked().holder = None

    async def again(self, epoch: int) -> bool:
        seats = self._asked()
        seats.taken = 0.0 if epoch == seats.epoch else seats.taken
        return epoch == seats.epoch

    async def acted(self, me: Me) -> list[str]:
        return [process for name, process in self._asked().acted.items() if name != me.executor]

    async def begin(self, me: Me) -> int | None:
        seats = self._asked()
        if seats.committing:
            return None
        seats.acted[me.executor] = me.process
        seats.epoch, seats.executor = seats.epoch + 1, me.executor
        return seats.epoch

    async def resign(self, me: Me) -> None:
        seats = self._asked()
        seats.members.pop(me.executor, None)
        seats.acted.pop(me.executor, None)
        seats.executor = "" if seats.executor == me.executor else seats.executor

    async def close(self) -> None:
        if self in self._seats.lines:
            self._seats.cut(self)

    def _asked(self) -> Seats:
        if self._seats.away or self not in self._seats.lines:
            raise StoreUnavailable("Postgres does not answer: the connection is lost")
        return self._seats
