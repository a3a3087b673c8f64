"""What old entries are sealed away changes nothing that Heal decides by."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.core.policy import promotion
from bot.core.transcript import Entry
from bot.engine.casebook import Casebook
from bot.store import tallies, verifying
from bot.store.ledger import Ledger
from bot.store.past import Past
from bot.store.sealing import Sealing
from bot.store.writer import Writer
from tests.engine.histories import Answers, Fold, history
from tests.engine.test_past import answers

KEEP = timedelta(days=30)
LENGTH = 400
SAME = ("halted", "open", "known", "attempts", "held", "came_back")
"""What is answered from all of the past; what is recent, or heard of lately, is not sealed."""


async def written(path: Path, seed: int) -> Fold:
    """A ledger by chance, and all of it folded."""
    drafts, fold = list(history(Random(seed), LENGTH)), Fold()
    writer = await Writer.open(path)
    await Ledger(writer).append_all(drafts)
    await writer.close()
    for seq, draft in enumerate(drafts, 1):
        fold.take(Entry(**asdict(draft), seq=seq, prev="", hash=""))
    return fold


async def sealed(path: Path, fold: Fold) -> list[Path]:
    """Seal all that is over, once after half of it; its segments."""
    writer = await Writer.open(path)
    sealing = Sealing(path, writer, Ledger(writer), many=1)
    moments = sorted(one.opened_at for one in fold.incidents.values())
    for at in (moments[len(moments) // 2], moments[-1] + timedelta(days=40)):
        await sealing.seal(KEEP, at + KEEP)
    await writer.close()
    return list(path.parent.glob("*.sealed"))


def asked(path: Path, fold: Fold) -> Answers:
    later = max(one.opened_at for one in fold.incidents.values()) + timedelta(days=40)
    with closing(Past(path)) as past:
        return answers(Casebook(past), fold, later)


@pytest.mark.parametrize("seed", range(5))
async def test_a_sealed_ledger_gives_every_answer_that_a_decision_asks_for(
    tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "heal.db"
    fold = await written(path, seed)
    before, told = asked(path, fold), promotion.total(tallies.seen(path))
    segments = await sealed(path, fold)
    after = asked(path, fold)

    assert segments
    assert verifying.verify(path).sound
    for name in SAME:
        assert getattr(after, name) == getattr(before, name), name
    assert promotion.total(tallies.seen(path)) == told


@pytest.mark.parametrize("seed", range(5))
async def test_without_its_segments_it_knows_less_and_nothing_else(
    tmp_path: Path, seed: int
) -> None:
    path = tmp_path / "heal.db"
    fold = await written(path, seed)
    before = asked(path, fold)
    for segment in await sealed(path, fold):
        segment.unlink()
    after = asked(path, fold)
    forgotten = [one for one, was in zip(after.known, before.known, strict=True) if one != was]

    assert forgotten
    assert set(forgotten) == {None}
    for name in ("halted", "open", "attempts", "held"):
        assert getattr(after, name) == getattr(before, name), name
