"""A step is done once, a mailbox is filled once, whatever happens between."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.durable.life import Life
from tests.durable.clocks import HandClock
from tests.durable.houses import House, Workflow, until
from tests.store.drafts import NOON, draft

DEADLINE = NOON + timedelta(minutes=5)


class Acts:
    """Counts what is done to the world."""

    def __init__(self) -> None:
        self.done: list[str] = []

    async def __call__(self) -> str:
        self.done.append("restart")
        return f'{{"done":{len(self.done)}}}'


async def test_a_step_is_done_once_and_its_result_is_returned_ever_after(path: Path) -> None:
    acts, results = Acts(), []

    async def workflow(life: Life) -> None:
        results.append(await life.step("restart", "step.ended", "heal", acts))
        results.append(await life.step("restart", "step.ended", "heal", acts))

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: len(results) == 2)
    async with House(path, workflow) as house:
        await house.journal.recover()
        await until(lambda: len(results) == 4)

    assert results == ['{"done":1}'] * 4
    assert acts.done == ["restart"]


async def test_a_life_that_waits_remembers_names_only_and_reads_a_step_again_from_the_ledger(
    path: Path,
) -> None:
    acts, lives = Acts(), list[Life]()
    results = list[str | None]()

    async def workflow(life: Life) -> None:
        lives.append(life)
        results.append(await life.step("restart", "step.ended", "heal", acts))
        results.append(await life.receive("decision", None))
        assert life.recorded("restart")
        results.append(await life.step("restart", "step.ended", "heal", acts))

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: lives and lives[0].waiting)
    async with House(path, workflow) as house:
        await house.journal.recover()
        await until(lambda: len(lives) == 2 and lives[1].waiting)
        assert [list(life._entries) for life in lives] == [[], []]
        await house.journal.signal("inc-1", "decision", "{}", "U1")
        await until(lambda: len(results) == 4)

    assert results == ['{"done":1}', '{"done":1}', "{}", '{"done":1}']
    assert acts.done == ["restart"]


async def test_what_is_held_is_written_with_the_next_step_and_not_before(path: Path) -> None:
    seen: list[list[str]] = []

    async def workflow(life: Life) -> None:
        await life.step("first", "step.ended", "heal", Acts(), hold=True)
        seen.append(await house.kinds())
        await life.step("second", "run.acted", "heal", Acts())
        seen.append(await house.kinds())

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: len(seen) == 2)

    assert seen == [["incident.opened"], ["incident.opened", "step.ended", "run.acted"]]


async def test_what_is_held_is_written_before_anything_is_waited_for(path: Path) -> None:
    async def workflow(life: Life) -> None:
        await life.step("first", "step.ended", "heal", Acts(), hold=True)
        await life.receive("alert", None)

    async with House(path, workflow) as house:
        await house.begin()
        async with asyncio.timeout(180):
            while await house.kinds() != ["incident.opened", "step.ended"]:
                await asyncio.sleep(0.001)


async def test_what_was_held_at_a_death_is_done_again_by_the_next_life(path: Path) -> None:
    acts = Acts()

    async def workflow(life: Life) -> None:
        await life.step("first", "step.ended", "heal", acts, hold=True)
        if len(acts.done) == 1:
            await asyncio.Event().wait()
        await life.step("second", "run.acted", "heal", acts)

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: acts.done)
    async with House(path, workflow) as house:
        await house.journal.recover()
        await until(lambda: len(acts.done) == 3)
        async with asyncio.timeout(180):
            while await house.kinds() != ["incident.opened", "step.ended", "run.acted"]:
                await asyncio.sleep(0.001)


async def test_nothing_is_held_while_the_process_goes_down(path: Path) -> None:
    begun, going = asyncio.Event(), asyncio.Event()

    async def slow() -> str:
        begun.set()
        await going.wait()
        return "{}"

    async def workflow(life: Life) -> None:
        await life.step("first", "step.ended", "heal", slow, hold=True)
        await life.step("second", "run.acted", "heal", Acts())

    async with House(path, workflow) as house:
        await house.begin()
        await begun.wait()
        closing = asyncio.get_running_loop().create_task(house.journal.close(60))
        await asyncio.sleep(0)
        going.set()
        await closing

        assert await house.kinds() == ["incident.opened", "step.ended"]


async def test_a_life_is_told_apart_from_the_one_before_it(path: Path) -> None:
    nonces: list[str] = []

    async def workflow(life: Life) -> None:
        nonces.append(life.nonce)

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: len(nonces) == 1)
    async with House(path, workflow) as house:
        await house.journal.recover()
        await until(lambda: len(nonces) == 2)

    assert len(set(nonces)) == 2


async def test_an_act_that_failed_is_not_recorded_and_may_be_tried_again(path: Path) -> None:
    acts, results = Acts(), list[str | bool]()

    async def fail() -> str:
        raise TimeoutError("no answer")

    async def workflow(life: Life) -> None:
        with pytest.raises(TimeoutError):
            await life.step("restart", "step.ended", "heal", fail)
        results.append(life.recorded("restart"))
        results.append(await life.step("restart", "step.ended", "heal", acts))
        results.append(life.recorded("restart"))

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: len(results) == 3)

    assert results == [False, '{"done":1}', True]


async def test_a_step_that_is_recorded_as_something_else_is_a_bug(path: Path) -> None:
    async def workflow(life: Life) -> None:
        await life.step("one", "plan.made", "heal", Acts())
        await life.step("one", "step.ended", "heal", Acts())

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: house.crashed)

    assert house.crashed == [
        (
            "inc-1",
            "step inc-1:one is recorded as plan.made, but the workflow asks for step.ended",
        )
    ]


async def test_a_step_that_is_begun_twice_at_once_is_a_bug(path: Path) -> None:
    acts = Acts()

    async def workflow(life: Life) -> None:
        twice = (life.step("one", "step.ended", "heal", acts) for _ in range(2))
        await asyncio.gather(*twice)

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: house.crashed)

    assert house.crashed == [("inc-1", "step inc-1:one was begun twice at the same time")]
    assert acts.done == ["restart"]


async def test_what_was_done_is_recorded_as_soon_as_there_is_room_and_not_done_again(
    path: Path,
) -> None:
    acts, results = Acts(), []

    async def workflow(life: Life) -> None:
        results.append(await life.step("restart", "step.ended", "heal", acts))

    async with House(path, workflow) as house:
        await house.open("inc-1")
        await house.journal.start("inc-1")
        moved = path.rename(path.with_name("moved.db"))
        await until(lambda: house.clock.asleep)
        moved.rename(path)
        while not results:
            house.clock.tick(1)
            await asyncio.sleep(0.001)

        assert (acts.done, results) == (["restart"], ['{"done":1}'])
        assert await house.kinds() == ["incident.opened", "step.ended"]


def receiving(results: list[str | None], topic: str = "approval") -> Workflow:
    async def workflow(life: Life) -> None:
        results.append(await life.receive(topic, DEADLINE))

    return workflow


async def test_a_letter_wakes_who_waits_for_it(path: Path) -> None:
    results: list[str | None] = []

    async with House(path, receiving(results)) as house:
        await house.begin()
        await until(lambda: house.clock.asleep)
        await house.journal.signal("inc-1", "approval", '{"yes":1}', "U0ANDRE")
        await until(lambda: results)

    assert results == ['{"yes":1}']


async def test_a_letter_on_one_topic_is_not_read_on_another(path: Path) -> None:
    results: list[str | None] = []

    async def workflow(life: Life) -> None:
        async with asyncio.TaskGroup() as group:
            waits = [group.create_task(life.receive(topic, DEADLINE)) for topic in ("a", "b")]
        results.extend(wait.result() for wait in waits)

    async with House(path, workflow) as house:
        await house.begin()
        for topic in ("b", "a"):
            await until(lambda: house.clock.asleep)
            await house.journal.signal("inc-1", topic, topic, "U0ANDRE")
        await until(lambda: results)

    assert results == ["a", "b"]


async def test_a_letter_that_came_early_is_there_when_it_is_asked_for(path: Path) -> None:
    results: list[str | None] = []

    async with House(path, receiving(results)) as house:
        await house.open("inc-1")
        await house.journal.signal("inc-1", "approval", "yes", "U0ANDRE")
        await house.journal.start("inc-1")
        await until(lambda: results)

    assert results == ["yes"]


async def test_a_wall_clock_that_is_set_back_gives_nobody_more_time(path: Path) -> None:
    results: list[str | None] = []

    async with House(path, receiving(results)) as house:
        await house.begin()
        await until(lambda: house.clock.asleep)
        house.clock.set(-3600)
        while not results and house.clock.monotonic() < 300:
            house.clock.tick(30)
            await asyncio.sleep(0.005)
        letter = await house.journal.signal("inc-1", "approval", "yes", "U0ANDRE")

    assert (results, letter.won) == ([None], False)


async def test_the_deadline_stays_where_it_is_across_restarts(path: Path) -> None:
    results: list[str | None] = []
    clock = HandClock()

    async with House(path, receiving(results), clock) as house:
        await house.begin()
        await until(lambda: clock.asleep)
    clock.tick(299)
    async with House(path, receiving(results), clock) as house:
        await house.journal.recover()
        await until(lambda: clock.asleep)

        assert results == []

        clock.tick(1)
        await until(lambda: results)

        assert results == [None]
        assert await house.kinds() == ["incident.opened", "mail.expired"]


async def test_a_deadline_that_passed_while_the_process_was_away_expires_at_once(
    path: Path,
) -> None:
    results: list[str | None] = []
    clock = HandClock()

    async with House(path, receiving(results), clock) as house:
        await house.begin()
        await until(lambda: clock.asleep)
    clock.tick(3600)
    for _ in range(2):
        async with House(path, receiving(results), clock) as house:
            await house.journal.recover()
            await until(lambda: results)

    assert {None} == set(results)


async def test_a_wall_clock_that_was_set_is_noticed_within_a_slice(path: Path) -> None:
    results: list[str | None] = []

    async with House(path, receiving(results)) as house:
        await house.begin()
        await until(lambda: house.clock.asleep)
        house.clock.set(3600)
        house.clock.tick(30)
        await until(lambda: results)

    assert results == [None]


async def test_a_letter_that_came_after_the_deadline_while_nobody_lived_is_no_letter(
    path: Path,
) -> None:
    results: list[str | None] = []

    async with House(path, receiving(results)) as house:
        await house.open("inc-1")
        house.clock.tick(301)
        await house.journal.signal("inc-1", "approval", "yes", "U0ANDRE")
        await house.journal.start("inc-1")
        await until(lambda: results)

    assert results == [None]


@pytest.mark.parametrize(("asked_anew", "left"), [(False, 60), (True, 300)])
async def test_a_wait_of_an_earlier_life_is_judged_by_the_last_instant_on_record(
    path: Path, asked_anew: bool, left: int
) -> None:
    results: list[str | None] = []

    async def workflow(life: Life) -> None:
        await life.step("one", "step.ended", "heal", Acts())
        if asked_anew and lives > 1:
            await life.step("two", "step.ended", "heal", Acts())
        results.append(await life.receive("approval", DEADLINE))

    clock, lives = HandClock(), 1
    async with House(path, workflow, clock) as house:
        await house.begin()
        await until(lambda: clock.asleep)
        clock.tick(240)
        await house.journal.signal("inc-1", "other", "", "U0ANDRE")
    clock.set(-240)
    lives = 2
    async with House(path, workflow, clock) as house:
        await house.journal.recover()
        await until(lambda: clock.asleep)
        clock.tick(left - 1)
        await asyncio.sleep(0.01)
        assert results == []
        clock.tick(1)
        await until(lambda: results)

    assert results == [None]


async def test_without_a_deadline_it_waits_for_ever(path: Path) -> None:
    results: list[str | None] = []

    async def workflow(life: Life) -> None:
        results.append(await life.receive("keep", None))

    async with House(path, workflow) as house:
        await house.begin()
        house.clock.tick(10**8)
        await house.journal.signal("inc-1", "keep", "kept", "U0ANDRE")
        await until(lambda: results)

    assert results == ["kept"]


async def test_peeking_waits_for_nothing_and_records_nothing(path: Path) -> None:
    results: list[str | None] = []

    async def workflow(life: Life) -> None:
        results.append(await life.peek("cancel"))
        await life.receive("go", None)
        results.append(await life.peek("cancel"))

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: results)
        before = await house.kinds()
        await house.journal.signal("inc-1", "cancel", "stop", "U0ANDRE")
        await house.journal.signal("inc-1", "go", "go", "U0ANDRE")
        await until(lambda: len(results) == 2)

    assert results == [None, "stop"]
    assert before == ["incident.opened"]


async def test_peeking_into_a_mailbox_that_expired_finds_nothing(path: Path) -> None:
    results: list[str | None] = []

    async def workflow(life: Life) -> None:
        await life.receive("approval", NOON)
        results.append(await life.peek("approval"))

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: results)

    assert results == [None]


async def test_a_letter_comes_in_time_or_is_turned_away_there_is_nothing_between(
    path: Path,
) -> None:
    results: list[str | None] = []

    async def workflow(life: Life) -> None:
        await life.receive("go", None)
        results.extend([await life.shut(each) for each in ("early", "on its way", "late")])
        await life.receive("end", None)

    async with House(path, workflow) as house:
        await house.begin()
        signal = house.journal.signal
        early = await signal("inc-1", "early", "1", "U0ANDRE")
        going = asyncio.gather(
            signal("inc-1", "go", "go", "U0"), signal("inc-1", "on its way", "2", "U0")
        )
        await until(lambda: len(results) == 3)
        late = await signal("inc-1", "late", "3", "U0ANDRE")
        again = await signal("inc-1", "early", "4", "U0ANDRE")
        _, on_its_way = await going
        kinds = await house.kinds()

    assert results == ["1", "2", None]
    assert [one.body for one in (early, on_its_way, late, again)] == ["1", "2", None, "1"]
    assert (late.won, again.won, len(kinds)) == (False, False, 4)


async def test_a_life_learns_what_others_recorded_of_its_incident(path: Path) -> None:
    acts, results = Acts(), []

    async def workflow(life: Life) -> None:
        await life.receive("go", None)
        results.append(await life.step("one", "step.ended", "heal", acts))

    async with House(path, workflow) as house:
        await house.begin()
        await house.ledger.append(draft("inc-1:one", body='{"by":"another"}'))
        await house.journal.signal("inc-1", "go", "go", "U0ANDRE")
        await until(lambda: results)

    assert (results, acts.done) == (['{"by":"another"}'], [])


@pytest.mark.parametrize("reads", [True, False])
async def test_a_stop_waits_for_an_act_and_for_no_reading(path: Path, *, reads: bool) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), []

    async def act() -> str:
        begun.set()
        await go_on.wait()
        ended.append("act")
        return "{}"

    async def workflow(life: Life) -> None:
        await life.step("look", "step.ended", "heal", act, reads=reads)

    async with House(path, workflow) as house:
        await house.begin()
        await begun.wait()
        closing = asyncio.create_task(house.journal.close(60))
        await asyncio.wait({closing}, timeout=0.2)
        waited = not closing.done()
        go_on.set()
        await asyncio.wait_for(closing, 30)
        recorded = [entry.kind for entry in await house.ledger.of("inc-1")]

    assert waited is not reads
    assert ended == ([] if reads else ["act"])
    assert ("step.ended" in recorded) is not reads


async def test_a_reading_that_was_broken_off_is_done_anew_by_the_next_life(path: Path) -> None:
    looks: list[int] = []

    async def look() -> str:
        looks.append(len(looks))
        if len(looks) == 1:
            await asyncio.Event().wait()
        return '{"seen":true}'

    async def workflow(life: Life) -> None:
        await life.step("look", "step.ended", "heal", look, reads=True)

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: looks)
        await asyncio.wait_for(house.journal.close(60), 30)
    async with House(path, workflow) as house:
        await house.journal.recover()
        await until(lambda: len(looks) == 2)
