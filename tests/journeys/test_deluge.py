"""Nine of ten alerts are repetitions, all come four times, the bot dies: each is recorded once."""

from __future__ import annotations

from pathlib import Path

from tests.journeys import deluges
from tests.journeys.deluges import Size

SMALL = Size(seconds=3, alerts=300, distinct=30, together=3, mends=8, asks=1, none=1)


async def test_each_distinct_alert_is_recorded_once_whatever_came_twice_or_met_a_dead_bot(
    tmp_path: Path,
) -> None:
    async with deluges.opened(tmp_path, SMALL) as deluge:
        await deluge.fall()
        await deluge.over()
        figures = deluge.figures()
        puts = deluge.storm.street.puts

        assert figures.unanswered, "it was dead while messages came"
        assert set(figures.answers) == {202}
        assert figures.answers[202] == 4 * 100, "every delivery was acknowledged in the end"
        assert (figures.distinct, figures.lost, figures.recorded_twice) == (30, 0, 0)
        assert sorted(puts) == sorted(set(puts)), "nothing is done twice"
        assert len(puts) == SMALL.mends
        assert (figures.posts_per_second <= 1, figures.refused, figures.digests) == (True, 0, 1)
        assert "Traceback" not in deluge.storm.scene.log()
