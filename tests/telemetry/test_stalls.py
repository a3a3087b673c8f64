"""What holds up the event loop is named while it still does, and counted; an idle loop is none."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass

from bot.clock import Clock
from bot.telemetry import stalls
from bot.telemetry.stalls import LEAST, Seen, Stalls, Turns
from tests.fakes import FakeClock
from tests.telemetry.listening import Listening, listening

STILL, ON = "the event loop stands still", "the event loop goes on"


class Noted(logging.Handler):
    """Lets a thread wait until something was said of a stall."""

    def __init__(self) -> None:
        super().__init__()
        self.said = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith(STILL):
            self.said.set()


def test_d08_what_blocks_the_loop_is_named_while_it_blocks() -> None:
    noted, log = Noted(), logging.getLogger(stalls.__name__)
    log.addHandler(noted)

    async def holds_everything_up() -> bool:
        return noted.said.wait(60)

    async def lives() -> bool:
        return await asyncio.create_task(holds_everything_up(), name="incident inc-1")

    before = stalls.SEEN.count
    try:
        with listening(stalls.__name__) as heard, stalls.watched(Clock()) as runner:
            seen = runner.run(lives())
    finally:
        log.removeHandler(noted)
    said = next(one for one in heard.lines if one["event"].startswith(STILL))

    assert seen
    assert "holds_everything_up" in said["stack"]
    assert (said["level"], said["kind"], said["task"]) == (
        "warning", "event_loop_stall", "incident inc-1",
    )  # fmt: skip
    assert stalls.SEEN.count > before


@dataclass
class Bench:
    """A loop that never runs: its turns are set by hand."""

    clock: FakeClock
    turns: Turns
    stalls: Stalls
    seen: Seen
    heard: Listening

    def looks(self, *, later: float) -> list[str]:
        self.clock.advance(later)
        self.heard.lines.clear()
        self.stalls.look()
        return [one["event"] for one in self.heard.lines]


async def test_a_stall_is_told_once_and_its_end_once_with_how_long_it_took() -> None:
    clock, seen = FakeClock(), Seen()
    turns = Turns(clock)
    with listening(stalls.__name__) as heard:
        watch = Stalls(turns, asyncio.get_running_loop(), clock, seen)
        bench = Bench(clock, turns, watch, seen, heard)
        turns.since = clock.monotonic()
        short = bench.looks(later=LEAST - 0.01)
        told = bench.looks(later=0.02)
        still = bench.looks(later=1)
        turns.since = None
        over = bench.looks(later=0.1)
        idle = bench.looks(later=3600)
    turns.close()

    assert (short, still, idle) == ([], [], [])
    assert [one[: len(STILL)] for one in told] == [STILL]
    assert over == [f"{ON}, after 1.26 s or so"]
    assert (seen.count, round(seen.seconds, 2)) == (1, 1.26)


async def test_turn_after_turn_that_is_short_is_no_stall() -> None:
    clock, seen = FakeClock(), Seen()
    turns = Turns(clock)
    watch = Stalls(turns, asyncio.get_running_loop(), clock, seen)
    for _ in range(20):
        turns.select(0)
        clock.advance(LEAST / 2)
        watch.look()
    turns.close()

    assert seen.count == 0
