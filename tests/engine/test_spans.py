"""Where the time of an incident went, as its record says."""

from __future__ import annotations

from pathlib import Path

from bot.core.lifecycle import State
from bot.core.telling import spans
from tests.engine.houses import House


async def test_an_open_incident_has_none_and_one_that_is_over_has_all(tmp_path: Path) -> None:
    house = House(tmp_path / "heal.db")
    await house.open()
    await house.healed()
    early = spans.of(house.incident)
    await house.resolve()
    whole, *parts = spans.of(await house.until(State.RESOLVED))
    await house.close()

    assert early == ()
    assert [one.name for one in parts] == [
        "diagnose", "plan 1", "approval 1", "step 1 fake.pool", "verify"]  # fmt: skip
    assert not any(one.failed for one in (whole, *parts))
    assert whole.begins <= min(one.begins for one in parts)
    assert whole.ends >= max(one.ends for one in parts)


async def test_what_did_not_help_is_in_it_with_its_way_back(tmp_path: Path) -> None:
    house = House(tmp_path / "heal.db")
    house.pool.then = lambda: None
    await house.open()
    await house.asked()
    await house.vote()
    whole, *parts = spans.of(await house.until(State.ESCALATED, within=600))
    await house.close()

    assert whole.failed == "escalated"
    assert [one.name for one in parts if one.failed] == ["verify"]
    assert "step 1 fake.pool taken back" in [one.name for one in parts]


async def test_a_question_that_ran_out_of_time_says_how_it_ended(tmp_path: Path) -> None:
    house = House(tmp_path / "heal.db")
    await house.open()
    await house.asked()
    await house.vote(yes=False)
    known = await house.until(State.REJECTED)
    await house.close()

    assert [one.attributes for one in spans.of(known) if one.name == "approval 1"] == [
        (("heal.ending", "rejected"),)]  # fmt: skip
