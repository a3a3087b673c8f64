"""A storm of alerts, each delivered four times: nothing is lost and Slack stays readable."""

from __future__ import annotations

from pathlib import Path

from bot.core import facts
from bot.core.lifecycle import State
from bot.slack import letters
from bot.slack.weather import MOST_NEW
from tests.journeys import storms
from tests.journeys.storms import Size, Storm

SHORT = Size(seconds=4)
ALERTS = 800


async def test_d03_in_a_storm_nothing_is_lost_and_slack_is_never_too_fast(tmp_path: Path) -> None:
    async with storms.opened(tmp_path, SHORT) as storm:
        await storm.blow()
        await storm.settled()
        await storm.scene.until(lambda: storms.mended(storm) == SHORT.mends)
        figures = storm.figures()

        assert set(storm.answers) == {202}
        assert (figures.alerts, figures.lost, figures.incidents) == (ALERTS, 0, 50)
        assert figures.joined == ALERTS - 50, "a repetition is no entry"
        assert (figures.posts_per_second <= 1, figures.edits_per_minute <= 50) == (True, True)
        assert figures.refused == 0
        assert sorted(storm.street.puts) == sorted(set(storm.street.puts)), "nothing is done twice"
        assert len(storm.street.puts) == SHORT.mends
        await in_order(storm)
        assert "Traceback" not in storm.scene.log()


async def in_order(storm: Storm) -> None:
    """The buttons came first, one digest stands for the rest, and the rest can be asked for."""
    await storm.scene.until(lambda: storms.digests(storm))
    posts = [c for c in storm.scene.workspace.called("chat.postMessage") if c.error is None]
    last = max(storms.shown(storm).values())
    before = sum(call.at <= last for call in posts)
    assert before <= SHORT.asks + 8, "five before the storm, the digest, what was under way"
    slots, asked = [storms.slot(call) for call in posts], set(storms.shown(storm))
    digest = next(number for number, slot in enumerate(slots) if slot.startswith("storm/"))
    opened = [e.incident for e in storm.scene.entries() if e.kind == "incident.opened"]
    assert {letters.incident_of(slot) for slot in slots[:digest]} <= asked | set(opened[:MOST_NEW])
    assert len(storms.digests(storm)) == 1

    quiet = [one for one in storm.scene.incidents() if one.state is State.HEALED]
    assert quiet
    told = await storm.scene.order("olivia", "history 50")
    assert all(one.id in told for one in quiet)


async def test_a_bot_that_dies_in_a_storm_loses_nothing_and_goes_on_with_its_digest(
    tmp_path: Path,
) -> None:
    async with storms.opened(tmp_path, Size(seconds=2, asks=2, mends=20, none=3)) as storm:
        await storm.blow()
        await storm.scene.until(lambda: storms.digests(storm))
        storm.scene.kill()
        await storm.scene.death()
        await storm.scene.start()
        await storm.settled()
        await storm.scene.until(lambda: storms.mended(storm) == 20)
        await storm.scene.until(lambda: "25 incidents" in storms.digests(storm)[-1])

        assert len(storms.digests(storm)) == 1
        assert len(storm.street.puts) == 20
        called = [e for e in storm.scene.entries() if isinstance(facts.read(e.body),
                                                                facts.Escalated)]  # fmt: skip
        assert len(called) == 3
