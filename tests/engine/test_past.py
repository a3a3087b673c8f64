"""What is asked of the past is the same as if the whole ledger had been folded."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlite_utils import Database

from bot.core.transcript import Entry
from bot.engine import casebook, sightings
from bot.engine.casebook import Casebook
from bot.store.file import connect
from bot.store.past import Past
from bot.store.view import View
from tests.engine.histories import ALERTS, LATELY, Answers, Fold, history

# Many lives through the same code: to trace them as well would take as long again.
pytestmark = pytest.mark.no_cover


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "heal.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with closing(connect(path, 0)) as opened:
        yield opened


@pytest.fixture
def past(db: Database, path: Path) -> Iterator[Past]:
    assert db
    with closing(Past(path)) as opened:
        yield opened


SEEDS = range(10)
LENGTH = 200


@pytest.mark.parametrize("seed", SEEDS)
def test_at_every_entry_it_knows_what_a_fold_of_everything_knows(
    db: Database, past: Past, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(casebook, "WHOLE", 2)
    monkeypatch.setattr(casebook, "AHEAD", 3)
    monkeypatch.setattr(sightings, "NAMES", 3)
    fold, lives = Fold(), Casebook(past)
    for number, draft in enumerate(history(Random(seed), LENGTH)):
        entry, _ = View(db).append(draft)
        later = entry.at + timedelta(minutes=20)
        if number % 10 == 0:  # the ledger is ahead of what was taken
            assert answers(lives, fold, later) == fold.answers(later)
        fold.take(entry)
        lives.take(entry)
        if number % 10 == 5:
            assert answers(lives, fold, later) == fold.answers(later)
        if number % 50 == 0:
            assert answers(Casebook(past), fold, later) == fold.answers(later)
    assert answers(Casebook(past), fold, later) == fold.answers(later)


def answers(book: Casebook, fold: Fold, now: datetime) -> Answers:
    names = list(fold.incidents)
    return Answers(
        halted=book.standing().halted,
        open=list(book.open()),
        recent=list(book.recent(7)),
        since=list(book.since(now - LATELY, 5)),
        known=[book.get(name) for name in names],
        latest=[one.id if (one := book.latest(alert)) else "" for alert in ALERTS],
        holding=[one.id if (one := book.holding(alert)) else "" for alert in ALERTS],
        undone=[one.id if (one := book.undo_of(name)) else "" for name in names],
        came_back=[
            one.id if (one := book.came_back_within(alert, now)) else "" for alert in ALERTS
        ],
        attempts=sorted(book.attempts(), key=lambda each: each.incident),
        held=[name for name in names if name in book.runs.holds.incidents],
    )


def test_the_histories_hold_every_end_and_every_kind_of_run() -> None:
    """Otherwise the comparison would prove little."""
    folds = [Fold() for _ in SEEDS]
    for seed, fold in enumerate(folds):
        for seq, draft in enumerate(history(Random(seed), LENGTH), 1):
            fold.take(Entry(**asdict(draft), seq=seq, prev="", hash=""))
    every = [one for fold in folds for one in fold.incidents.values()]
    ran = {one.state for one in every if one.ran}

    assert len({one.state for one in every}) > 15
    assert {"resolved", "not fixed", "escalated", "cancelled", "reverted", "running"} <= ran
    assert any(fold.halted for fold in folds)
    assert any(any(fold.answers(one.opened_at).undone) for fold in folds for one in every[:1])


def test_sightings_that_do_not_fit_are_read_off_the_ledger_again(path: Path) -> None:
    with closing(connect(path, 0)) as db:
        for draft in history(Random(1), 60):
            View(db).append(draft)
        said = db.execute("select * from sighting").fetchall()
    with closing(sqlite3.connect(path)) as forger:
        forger.execute("delete from sighting where seq % 2 = 0")
        forger.commit()
    with closing(connect(path, 0)) as db:
        assert db.execute("select * from sighting").fetchall() == said
    assert len(said) > 10
