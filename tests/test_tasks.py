"""Background tasks are kept, named, supervised and ended."""

from __future__ import annotations

import asyncio
import gc

import pytest

from bot.tasks import Tasks


async def test_a_task_gives_its_result_and_is_then_forgotten() -> None:
    tasks = Tasks()

    async def answer() -> int:
        return 42

    task = tasks.start(answer(), name="answer")

    assert len(tasks) == 1
    assert await task == 42
    assert len(tasks) == 0


async def test_a_running_task_survives_the_collector_without_another_reference() -> None:
    tasks, ended = Tasks(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        ended.set()

    tasks.start(work(), name="work")
    gc.collect()

    await asyncio.wait_for(ended.wait(), 30)


async def test_a_failure_is_logged_with_the_name_of_its_task(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = Tasks()

    async def fail() -> None:
        raise ValueError("no such pod")

    tasks.start(fail(), name="daily report")
    await tasks.close(grace=1)

    assert "'daily report' failed" in caplog.text
    assert "no such pod" in caplog.text


async def test_one_of_many_that_fails_is_logged_and_the_next_has_its_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = Tasks()

    async def tenfold(given: int) -> int:
        if given == 2:
            raise ValueError("no such page")
        return given * 10

    done = [await tasks.attempt(tenfold(one), name=f"the page {one}") for one in (1, 2, 3)]

    assert done == [10, None, 30]
    assert "'the page 2' failed" in caplog.text


async def test_closing_waits_for_what_ends_within_the_grace() -> None:
    tasks, done = Tasks(), []

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.append("work")

    tasks.start(work(), name="work")
    await tasks.close(grace=1)

    assert done == ["work"]


async def test_closing_cancels_what_outlasts_the_grace_and_waits_for_its_clean_up() -> None:
    tasks, steps = Tasks(), []

    async def stubborn() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            steps.append("cleaned up")

    task = tasks.start(stubborn(), name="stubborn")
    await tasks.close(grace=0.01)

    assert steps == ["cleaned up"]
    assert task.cancelled()
    assert len(tasks) == 0


async def test_a_task_that_misses_a_cancellation_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.tasks.PATIENCE_SECONDS", 0.01)
    tasks = Tasks()
    missed: list[str] = []

    async def deaf() -> None:
        while len(missed) < 2:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                missed.append("once")

    tasks.start(deaf(), name="deaf")
    await asyncio.sleep(0)
    await asyncio.wait_for(tasks.close(grace=0), 30)

    assert len(tasks) == 0


async def test_a_cancelled_task_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    tasks = Tasks()
    tasks.start(asyncio.sleep(60), name="sleeper")
    await asyncio.sleep(0)
    await tasks.close(grace=0)

    assert caplog.text == ""


async def test_nothing_starts_once_closed() -> None:
    tasks = Tasks()
    await tasks.close(grace=0)

    with pytest.raises(RuntimeError, match="'late': its owner is closed"):
        tasks.start(asyncio.sleep(0), name="late")


async def test_a_task_may_close_its_own_owner() -> None:
    tasks = Tasks()

    async def stop() -> str:
        await tasks.close(grace=0)
        return "stopped"

    task = tasks.start(stop(), name="stop")

    assert await asyncio.wait_for(task, 30) == "stopped"
