"""After it is healed: the change goes back or is kept, the alert clears or comes back."""

from __future__ import annotations

import pytest

from bot.core.errors import PermanentError
from bot.core.lifecycle import State
from bot.core.plan import Reversibility
from bot.core.values import Facts
from tests.engine.houses import House
from tests.engine.libraries import reverting
from tests.fakes import FakeProbe

BACK: Facts = {"status": 200}


async def cleared(house: House) -> str:
    """Healed, and the alert is over; the change waits to go back."""
    name = await house.healed()
    await house.resolve()
    return name


@pytest.fixture
def upstream(house: House) -> FakeProbe:
    """The original that may recover."""
    probe = FakeProbe({"status": 503})
    house.plugins.probes["fake.upstream"] = probe
    house.library = reverting(
        on_recovery="upstream.status == 200",
        hold="0s",
        probes=[{"probe": "fake.upstream", "as": "upstream"}],
    )
    return probe


async def test_a_change_goes_back_when_its_time_is_up(house: House) -> None:
    house.library = reverting(after="5m")
    await cleared(house)
    await house.pass_(299)

    assert house.effects == ["pool=50"]

    await house.until(State.REVERTED, within=2)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_change_that_somebody_keeps_stays(house: House) -> None:
    house.library = reverting(after="5m")
    name = await house.healed()
    answer = await house.requests.keep(name, "U1")
    await house.resolve()
    await house.until(State.RESOLVED)
    await house.pass_(600)

    assert (answer.text, house.effects) == ("It stays as it is.", ["pool=50"])


async def test_a_change_is_kept_once(house: House) -> None:
    house.library = reverting(after="5m")
    name = await house.healed()
    await house.journal.close(0)
    first = await house.requests.keep(name, "U1")
    second = await house.requests.keep(name, "U2")

    assert (first.done, second.done) == (True, False)
    assert second.text.startswith("That was settled already")


async def test_the_time_to_go_back_does_not_move_across_a_restart(house: House) -> None:
    house.library = reverting(after="5m")
    await cleared(house)
    await house.restart(away=200)
    await house.pass_(99)

    assert house.effects == ["pool=50"]

    await house.until(State.REVERTED, within=2)


async def test_a_change_whose_time_was_up_while_the_house_was_away_goes_back_at_once(
    house: House,
) -> None:
    house.library = reverting(after="5m")
    await cleared(house)
    await house.restart(away=3600)
    await house.until(State.REVERTED)

    assert house.effects == ["pool=50", "undo pool=20"]


async def test_a_change_that_cannot_go_back_calls_a_person(house: House) -> None:
    house.library = reverting(after="5m")
    await house.healed()
    house.pool.undo_errors = [PermanentError("locked")]
    known = await house.until(State.ESCALATED, within=301)

    assert known.closed is not None
    assert known.closed.says.startswith("the rollback FAILED: step 1: locked")


async def test_a_change_goes_back_when_the_original_recovers(
    house: House, upstream: FakeProbe
) -> None:
    await cleared(house)
    await house.pass_(60)

    assert house.effects == ["pool=50"]

    upstream.says(BACK)
    known = await house.until(State.REVERTED, within=10)

    assert known.reverting is not None
    assert known.reverting.why == "upstream.status == 200 holds"
    assert house.effects == ["pool=50", "undo pool=20"]


async def test_an_original_that_flickers_has_not_recovered(
    house: House, upstream: FakeProbe
) -> None:
    house.library = reverting(
        on_recovery="upstream.status == 200",
        hold="20s",
        probes=[{"probe": "fake.upstream", "as": "upstream"}],
    )
    await cleared(house)
    upstream.says(BACK, {"status": 503}, BACK, BACK, PermanentError("no answer"), BACK)
    await house.pass_(79)

    assert house.incident.state is State.HEALED

    await house.until(State.REVERTED, within=2)

    assert upstream.reads >= 8


async def test_an_original_that_cannot_be_seen_has_not_recovered(
    house: House, upstream: FakeProbe
) -> None:
    upstream.says(PermanentError("no answer"))
    await house.healed()
    await house.pass_(60)

    assert house.incident.state is State.HEALED


async def test_recovery_is_looked_for_again_after_a_restart(
    house: House, upstream: FakeProbe
) -> None:
    await cleared(house)
    await house.restart()
    upstream.says(BACK)

    assert (await house.until(State.REVERTED, within=11)).id == "inc-a1"


async def test_a_recovery_seen_while_the_file_is_away_is_told_later(
    house: House, upstream: FakeProbe
) -> None:
    await cleared(house)
    await house.settle()
    moved = house.path.rename(house.path.with_name("moved.db"))
    upstream.says(BACK)
    house.clock.advance(10)
    await house.turn()
    moved.rename(house.path)

    assert (await house.until(State.REVERTED, within=11)).id == "inc-a1"


async def test_what_has_nothing_to_put_back_waits_for_no_time(house: House) -> None:
    house.library = reverting(after="5m")
    house.pool.kind = Reversibility.SELF_RESTORING
    await house.healed()
    await house.resolve()

    assert (await house.until(State.RESOLVED)).reverting is None


async def test_a_person_may_take_back_at_once_what_goes_back_in_any_case(house: House) -> None:
    house.library = reverting(after="5m")
    name = await cleared(house)
    answer = await house.requests.undo(name, "U1", "", "")
    known = await house.until(State.REVERTED)

    assert (answer.text, house.effects) == ("It goes back now.", ["pool=50", "undo pool=20"])
    assert known.reverting is not None
    assert known.reverting.why == "U1 took it back"


async def test_what_is_settled_already_cannot_be_taken_back_at_once(house: House) -> None:
    house.library = reverting(after="5m")
    name = await house.healed()
    await house.journal.close(0)
    first = await house.requests.undo(name, "U1", "", "")
    second = await house.requests.undo(name, "U2", "", "")

    assert (first.done, second.done) == (True, False)
    assert second.text.startswith("That was settled already")
