"""Incidents go on after a crash, letters are won once, and nobody is cut off in an act."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.errors import StoreUnavailable
from bot.durable.journal import Recovered
from bot.durable.letters import IllegalReplay
from bot.durable.life import Life
from bot.ports import Letter
from bot.store.verifying import verify
from tests.durable.houses import House, until
from tests.store.drafts import NOON

ROOT = Path(__file__).parents[2]


async def wait(life: Life) -> None:
    await life.receive("go", NOON + timedelta(minutes=5))


async def test_an_incident_lives_once_at_a_time(path: Path) -> None:
    lives: list[str] = []

    async def workflow(life: Life) -> None:
        lives.append(life.nonce)
        await wait(life)

    async with House(path, workflow) as house:
        await house.open("inc-1")
        await asyncio.gather(*(house.journal.start("inc-1") for _ in range(5)))
        await until(lambda: house.clock.asleep)
        await house.journal.start("inc-1")
        await house.journal.recover()
        await asyncio.sleep(0.01)

    assert len(lives) == 1


async def test_only_an_incident_that_was_opened_can_be_started_or_written_to(path: Path) -> None:
    async with House(path, wait) as house:
        with pytest.raises(LookupError, match="no incident inc-9 was ever opened"):
            await house.journal.start("inc-9")
        with pytest.raises(LookupError, match="no incident inc-9 was ever opened"):
            await house.journal.signal("inc-9", "go", "", "U0ANDRE")


async def test_what_was_open_goes_on_and_what_is_of_another_version_is_reported(
    path: Path,
) -> None:
    lives: list[str] = []

    async def workflow(life: Life) -> None:
        lives.append(life.incident)

    async with House(path, workflow) as house:
        await house.open("open")
        await house.open("foreign", workflow="heal-2")
        await house.open("closed")
        await house.close("closed")
        recovered = await house.journal.recover()
        await until(lambda: lives)
        await house.journal.start("closed")
        with pytest.raises(IllegalReplay, match="incident foreign runs as heal-2"):
            await house.journal.start("foreign")

    assert recovered == Recovered(resumed=("open",), foreign=("foreign",))
    assert lives == ["open"]


async def test_of_ten_letters_at_once_one_wins_and_all_are_told_which(path: Path) -> None:
    async with House(path, wait) as house:
        await house.begin()
        letters = await asyncio.gather(
            *(house.journal.signal("inc-1", "go", f"{n}", f"U{n}", "vote") for n in range(10))
        )

    assert sum(letter.won for letter in letters) == 1
    assert {(letter.body, letter.actor) for letter in letters} == {("0", "U0")}


async def test_after_the_deadline_every_letter_is_too_late(path: Path) -> None:
    async with House(path, wait) as house:
        await house.begin()
        await until(lambda: house.clock.asleep)
        house.clock.tick(300)
        await until(lambda: not house.clock.asleep)
        late = await house.journal.signal("inc-1", "go", "yes", "U0ANDRE")

    assert late == Letter(False, "mail.expired", None, "heal", NOON + timedelta(minutes=5))


async def test_a_letter_at_the_deadline_is_too_late_even_if_nobody_noticed_the_time_yet(
    path: Path,
) -> None:
    async with House(path, wait) as house:
        await house.begin()
        await until(lambda: house.clock.asleep)
        house.clock.set(300)
        late = await house.journal.signal("inc-1", "go", "yes", "U0ANDRE")

        assert (late.won, late.kind, late.body) == (False, "mail.expired", None)
        assert await house.kinds() == ["incident.opened", "mail.expired"]


async def test_a_letter_to_a_closed_incident_is_not_kept(path: Path) -> None:
    async with House(path, wait) as house:
        await house.open("inc-1")
        await house.close("inc-1")
        late = await house.journal.signal("inc-1", "undo", "please", "U0ANDRE")

        assert (late.won, late.kind, late.body) == (False, "incident.closed", None)
        assert await house.kinds() == ["incident.opened", "incident.closed"]


async def test_a_letter_that_cannot_be_recorded_is_refused(path: Path) -> None:
    async with House(path, wait) as house:
        await house.begin()
        moved = path.rename(path.with_name("moved.db"))
        with pytest.raises(StoreUnavailable):
            await house.journal.signal("inc-1", "go", "yes", "U0ANDRE")
        moved.rename(path)

        assert (await house.journal.signal("inc-1", "go", "yes", "U0ANDRE")).won


async def test_a_workflow_that_fails_is_handed_to_the_last_net(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def workflow(life: Life) -> None:
        raise ZeroDivisionError("a bug")

    async with House(path, workflow) as house:
        await house.begin()
        await until(lambda: house.crashed)

    assert house.crashed == [("inc-1", "a bug")]
    assert "'incident inc-1' failed" in caplog.text


async def test_going_down_lets_an_act_end_and_begins_no_other(path: Path) -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def act() -> str:
        begun.set()
        await asyncio.sleep(0.02)
        ended.append("act")
        return "{}"

    async def workflow(life: Life) -> None:
        await life.step("one", "step.ended", "heal", act)
        await life.step("two", "step.ended", "heal", act)

    async with House(path, workflow) as house:
        await house.begin()
        await begun.wait()
        await house.journal.close(60)

        assert ended == ["act"]
        assert await house.kinds() == ["incident.opened", "step.ended"]


async def test_going_down_waits_no_longer_than_the_grace(path: Path) -> None:
    begun, cut = asyncio.Event(), asyncio.Event()

    async def act() -> str:
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            cut.set()
        return "{}"

    async def workflow(life: Life) -> None:
        await life.step("one", "step.ended", "heal", act)

    async with House(path, workflow) as house:
        await house.begin()
        await begun.wait()
        await house.journal.close(0)
        await house.open("inc-2")
        await house.journal.start("inc-2")

        assert cut.is_set()
        assert await house.kinds() == ["incident.opened"]


async def test_a_thousand_open_incidents_go_on_in_a_few_commits(path: Path) -> None:
    lives: list[str] = []

    async def workflow(life: Life) -> None:
        lives.append(life.incident)

    async with House(path, workflow) as house:
        await asyncio.gather(*(house.open(f"inc-{number}") for number in range(1000)))
        before = house.writer.commits
        await house.journal.recover()
        await until(lambda: len(lives) == 1000)

        assert house.writer.commits - before < 20


def live(path: Path, effects: Path, fatal: str) -> int:
    command = [sys.executable, "-m", "tests.durable.mortal", str(path), str(effects), fatal]
    return subprocess.run(command, cwd=ROOT, timeout=180, check=False).returncode


async def test_kill_9_at_any_point_repeats_nothing_without_saying_so(
    path: Path, tmp_path: Path
) -> None:
    effects = tmp_path / "effects"
    fatal = ["before claim 0", "after claim 1", "after effect 2", "after act 3", "before effect 4"]
    ends = [await asyncio.to_thread(live, path, effects, point) for point in (*fatal, "none")]

    assert ends == [-signal.SIGKILL] * len(fatal) + [0]
    assert effects.read_text().splitlines() == [
        "do 0",
        "unsure 1",
        "do 2",
        "unsure 2",
        "do 3",
        "unsure 4",
    ]
    assert verify(path).sound
