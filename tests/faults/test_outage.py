"""Ten minutes without Slack in the middle of a run, by a clock that goes fast while all wait."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import Event

import pytest

from tests.faults import hastened, outage
from tests.faults.hastened import Hastened

SPEED = 200.0


def test_d05_ten_minutes_without_slack_in_the_middle_of_a_run_are_told_once_and_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Hastened()

    async def story() -> None:
        async with outage.opened(tmp_path, clock, inside=True) as one:
            await outage.play(one, SPEED)
            assert outage.faults_when_back(one) == [], one.table()
            await outage.answer(one)
            assert outage.faults_at_the_end(one) == [], one.table()

    hastened.run(clock, story)

    assert "background task" not in caplog.text
    assert "Traceback" not in caplog.text


def test_by_that_clock_all_timers_come_in_their_order_and_a_thread_takes_its_own_time() -> None:
    clock, seen, gate = Hastened(), list[str](), Event()

    async def sleeper(seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append(f"{seconds:g} s")

    async def story() -> float:
        clock.speed, began = 10_000.0, clock.monotonic()
        await asyncio.gather(*map(sleeper, (600, 0.02, 7, 599.99)))
        working = asyncio.get_running_loop().run_in_executor(None, gate.wait)
        late = clock.monotonic()
        await asyncio.sleep(0.01)
        assert clock.monotonic() - late < 0.01 * clock.speed, "nothing is hastened beside a thread"
        gate.set()
        await working
        return late - began

    assert 600 <= hastened.run(clock, story) < 660
    assert seen == ["0.02 s", "7 s", "599.99 s", "600 s"]
