"""People see how far a run is while it goes on; when nothing goes on any more, nothing is said."""

from __future__ import annotations

import asyncio

import pytest

from bot.clients.blocking import in_thread
from bot.core import headway
from bot.core.errors import TemporaryError
from bot.core.headway import Count
from bot.core.lifecycle import State
from bot.core.values import Facts
from bot.ports.headway import heard, say
from tests.engine.houses import HEALTHY, SICK, House


def line(house: House) -> str:
    now = house.cases.headway(house.incident.id)
    return headway.line(now) if now else ""


async def counting(house: House) -> None:
    """The pool is set pod by pod, one in ten seconds."""
    execute = house.pool.execute

    async def slowly(params: object, before: Facts, mark: str = "") -> str:
        for ready in range(12):
            say(f"{ready} of 12 pods are ready")
            await house.clock.sleep(10)
        return await execute(params, before, mark)

    house.pool.execute = slowly  # type: ignore[method-assign]


async def test_what_an_action_counts_is_seen_with_the_time_that_is_left(house: House) -> None:
    await counting(house)
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)
    first = line(house)
    await house.pass_(80)

    assert (first, line(house)) == (
        "0 of 12 pods are ready", "8 of 12 pods are ready, about 40 s left"
    )  # fmt: skip
    await house.until(State.HEALED, within=120)
    assert line(house) == "", "and nothing goes on any more"


async def test_that_a_system_does_not_answer_is_said_while_it_is_tried_again(house: House) -> None:
    house.pool.errors = [TemporaryError("the cluster does not answer, token=hunter2secret", 30)]
    await house.asked()
    await house.vote()
    await house.until(State.RUNNING)

    assert line(house).startswith("the cluster does not answer")
    assert "hunter2secret" not in line(house)


async def test_a_verification_says_how_long_it_held_and_before_that_what_probes_count(
    house: House,
) -> None:
    house.pool.then = lambda: None
    read, said = house.health.read, ["8 of 12 pods are ready"]

    async def counts(params: object) -> Facts:
        say(said[0])
        return await read(params)

    house.health.read = counts  # type: ignore[method-assign]
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING, within=30)
    waiting = line(house)
    house.health.says(HEALTHY)
    await house.pass_(7)
    holds = line(house)

    assert waiting == said[0]
    assert " s that it has to hold are over" in holds


async def test_a_probe_that_counts_nothing_leaves_it_at_that_it_does_not_hold(
    house: House,
) -> None:
    house.pool.then = lambda: None
    house.health.says(SICK)
    await house.asked()
    await house.vote()
    await house.until(State.VERIFYING, within=30)

    assert line(house) == "it does not hold yet"


async def test_work_in_a_thread_is_heard_and_two_runs_do_not_hear_each_other() -> None:
    one: list[str] = []
    other: list[str] = []

    async def work(into: list[str], says: str) -> None:
        with heard(into.append):
            await in_thread(lambda _: say(says))

    await asyncio.gather(work(one, "200 files"), work(other, "7 keys"))
    say("nobody listens")

    assert (one, other) == (["200 files"], ["7 keys"])


@pytest.mark.parametrize(
    ("first", "now", "seconds", "left"),
    [
        (Count(0, 12), Count(8, 12), 80, 40),
        (Count(4, 12), Count(4, 12), 80, None),
        (Count(4, 12), Count(2, 12), 80, None),
        (Count(0, 10), Count(12, 10), 5, None),
    ],
)
def test_an_estimate_is_made_of_progress_alone(
    first: Count, now: Count, seconds: float, left: float | None
) -> None:
    assert headway.left(first, now, seconds) == left
