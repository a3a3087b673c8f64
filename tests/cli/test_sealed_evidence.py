"""Evidence reaches across what was sealed away, and says when a file of it is not here."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.cli import exporting
from bot.store.reading import Choice
from tests.store import histories, test_sealing


async def test_evidence_is_the_same_before_and_after_it_was_sealed_away(tmp_path: Path) -> None:
    path = tmp_path / "heal.db"
    await test_sealing.filled(path)
    count = len(test_sealing.rows(path))
    exporting.export(path, tmp_path / "before.jsonl", Choice("inc-00003"), histories.NOW)
    (seal, *_) = await test_sealing.sealed(path, histories.NOW)
    after = exporting.export(path, tmp_path / "after.jsonl", Choice("inc-00003"), histories.NOW)
    everything = exporting.export(path, tmp_path / "all.db", Choice(), histories.NOW)

    assert seal.file
    assert after is not None
    assert everything is not None
    assert everything.entries == count + 1, "with the entry that tells of the sealing"
    before, now = ((tmp_path / f"{one}.jsonl").read_text().split("\n") for one in
                   ("before", "after"))  # fmt: skip
    assert now[1:] == before[1:]


async def test_what_is_not_here_is_said(tmp_path: Path) -> None:
    path = tmp_path / "heal.db"
    await test_sealing.filled(path)
    (seal, *_) = await test_sealing.sealed(path, histories.NOW)
    path.with_name(Path(seal.file).name).unlink()
    since = Choice(since=histories.NOW - timedelta(days=30))
    made = exporting.export(path, tmp_path / "part.jsonl", since, histories.NOW)

    assert made is not None
    assert f"; not here: {seal.names}, sealed in {seal.file}" in made.chosen
