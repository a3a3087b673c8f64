"""B10 and B12: a yes waits for whoever was away, and one account alone starts nothing of weight."""

from __future__ import annotations

from bot.core import facts
from bot.core.approval import Ending
from bot.core.lifecycle import State
from tests import builders
from tests.engine.houses import WAITING, House

TWO = builders.a_library(
    rulebook=builders.a_rulebook(approvers={"high": {"groups": ["oncall"], "quorum": 2}})
)


async def test_b10_a_click_while_it_was_away_is_made_again_and_counts_once(engine: House) -> None:
    await engine.asked()
    await engine.restart(away=60)

    assert engine.incident.state is WAITING

    first = await engine.vote("U1")
    await engine.until(State.HEALED, within=60)
    late = await engine.vote("U2")

    assert (first.done, late.done, engine.effects) == (True, False, ["pool=50"])
    assert late.text.startswith("Not found or already executed")


async def test_b12_an_account_that_was_taken_over_starts_nothing_of_high_risk_alone(
    engine: House,
) -> None:
    engine.library = TWO
    name = await engine.asked()
    for _ in range(3):
        await engine.vote("U1")
        await engine.requests.vote(name, 1, "U1", yes=True, why="", reacted=True)
    await engine.pass_(60)

    assert (engine.incident.state, engine.effects) == (WAITING, [])

    await engine.vote("U2")
    await engine.until(State.HEALED, within=60)
    [decided] = await engine.facts(facts.Decided)
    assert (decided.ending, sorted(decided.by)) == (Ending.APPROVED, ["U1", "U2"])


async def test_who_takes_their_yes_back_before_the_second_one_starts_nothing(engine: House) -> None:
    engine.library = TWO
    await engine.asked()
    await engine.vote("U1")
    await engine.vote("U1", yes=False)
    answer = await engine.vote("U2")
    await engine.until(State.REJECTED)

    assert (answer.done, engine.effects) == (False, [])
