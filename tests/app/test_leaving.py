"""Who leaves says so first, refuses then, answers who is inside, and tells what is left."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bot.app.leaving import Leaving, StopSettings
from bot.clients import commands
from bot.clients.commands import Commands
from bot.core.posted import Receipt
from bot.web.server import AlertDoor, Server
from tests.fakes import FakeClock


class Doors:
    """A server whose house leaves; who knocks at `slow` is kept waiting inside."""

    def __init__(self, port: int, clock: FakeClock, leaving: Leaving) -> None:
        self.port = port
        self.clock = clock
        self.leaving = leaving
        self.inside, self.answered = asyncio.Event(), asyncio.Event()
        self.closing, self.closed = asyncio.Event(), asyncio.Event()

    async def receive(
        self, name: str, headers: Mapping[str, str], body: bytes, peer: str, *, vouched: bool
    ) -> Receipt:
        if name == "slow":
            self.inside.set()
            await self.answered.wait()
        return Receipt(1)

    async def close(self) -> None:
        self.leaving.shut()
        self.closing.set()
        await self.closed.wait()

    async def post(self, source: str = "quick") -> httpx.Response:
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(f"http://127.0.0.1:{self.port}/alerts/{source}", content=b"{}")

    async def ready(self) -> tuple[int, str]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"http://127.0.0.1:{self.port}/readyz")
        return answer.status_code, answer.json()["why"]


@asynccontextmanager
async def opened() -> AsyncIterator[Doors]:
    clock = FakeClock()
    leaving = Leaving(StopSettings(delay=5), clock)
    doors = Doors(0, clock, leaving)

    async def ready() -> str:
        return leaving.why

    door = AlertDoor(doors.receive, refuses=leaving.refuses)
    server = await Server(door, None, ready).open("127.0.0.1", 0)
    doors.port = server.port
    try:
        yield doors
    finally:
        await server.close()


async def test_readiness_is_red_first_and_alerts_are_refused_when_a_balancer_could_see_it() -> None:
    async with opened() as doors:
        before = await doors.ready()
        going = asyncio.create_task(doors.leaving.go(doors.close))
        while not doors.clock.due:
            await asyncio.sleep(0)
        red, taken, begun = await doors.ready(), await doors.post(), doors.closing.is_set()
        doors.clock.advance(5)
        await doors.closing.wait()
        refused, still = await doors.post(), await doors.ready()
        doors.closed.set()
        await going

    assert before == (200, "")
    assert (red, taken.status_code, begun) == ((503, "Heal is stopping"), 202, False)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert refused.headers["Connection"] == "close"
    assert "send it again" in refused.json()["error"]
    assert still == (503, "Heal is stopping")


async def test_who_was_inside_before_is_answered() -> None:
    async with opened() as doors:
        asking = asyncio.create_task(doors.post("slow"))
        await doors.inside.wait()
        doors.leaving.shut()
        refused = await doors.post()
        doors.answered.set()
        answered = await asking

    assert (refused.status_code, answered.status_code) == (503, 202)


async def test_whoever_leaves_at_once_ends_the_commands_and_what_they_started(
    tmp_path: Path,
) -> None:
    run, told = Commands(), tmp_path / "pid"
    script = 'sleep 600 & echo $! > "$0.new"; mv "$0.new" "$0"; exec sleep 600'
    async with asyncio.TaskGroup() as group:
        running = group.create_task(run("sh", "-c", script, str(told), within=600))
        await until(told.exists)
        ended = commands.end_all()
    code = running.result().code

    assert (ended, code) == (1, -signal.SIGKILL)
    await until(lambda: not lives(int(told.read_text())))
    assert commands.end_all() == 0


def lives(pid: int) -> bool:
    """Whether it still does anything; who is dead and not buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def until(held: Callable[[], bool]) -> None:
    async with asyncio.timeout(180):
        while not held():
            await asyncio.sleep(0.002)
