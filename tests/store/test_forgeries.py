"""Whatever was done to a ledger is found by its checkpoints, at the place where it was done."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from bot.clients import signing
from bot.clients.signing import Signer
from bot.core import keyring, witnessed
from bot.core.checkpoint import Signed
from bot.core.facts import CheckpointKey
from bot.core.keyring import Keyring
from bot.core.note import Key, Note
from bot.core.witnessed import Finding
from bot.store import proving, verifying
from bot.store.file import connect
from bot.store.verifying import Report
from bot.store.view import View
from tests.store import forging
from tests.store.drafts import draft

ENTRIES, AT = 60, (20, 45, 60)
FIRST = Signer("ledger.test", b"1" * 32)
SECOND = Signer("ledger.test", b"2" * 32)
"""The key that takes the turn of the first one at entry 30, where a test lets it."""


def written(path: Path, *, rotated: int = 0) -> Path:
    text = keyring.handover(FIRST.public, SECOND.public)
    both = Note(text, (FIRST.sign(text), SECOND.sign(text))).written
    keys = {
        1: CheckpointKey(key=FIRST.public.written),
        rotated: CheckpointKey(
            key=SECOND.public.written, before=FIRST.public.written, handover=both
        ),
    }
    with closing(connect(path, 0)) as db:
        for seq in range(1, ENTRIES + 1):
            fact = keys.get(seq)
            kind, body = (fact.kind, fact.body) if fact else ("step.ended", f'{{"say":{seq}}}')
            incident = "" if fact else f"inc-{seq % 7}"
            View(db).append(draft(f"key-{seq}", kind=kind, incident=incident, body=body))
    return path


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("written") / "heal.db")


def checkpoints(path: Path, *sizes: int, by: Signer = FIRST) -> list[Signed]:
    whole = forging.tree(path)
    return [by.checkpoint(size, whole.root(size)) for size in sizes]


def looked_at(path: Path, kept: list[Signed], *trusted: Key) -> tuple[Report, list[Finding]]:
    report = verifying.verify(path, sizes=witnessed.sizes(kept))
    turns = keyring.turns(proving.keys(path, report.count), signing.check)
    ring = Keyring(turns, trusted, signing.check)
    found = witnessed.compared(kept, ring, report.count, report.broken, report.roots)
    return report, found


def test_a_ledger_that_was_not_touched_fits_every_checkpoint(ledger: Path) -> None:
    report, found = looked_at(ledger, checkpoints(ledger, 1, *AT), FIRST.public)

    assert report.sound
    assert [one.wrong for one in found] == ["", "", "", ""]


@pytest.mark.parametrize("way", forging.FORGERIES, ids=lambda way: way.__name__)
def test_e10_forty_two_forgeries_of_each_kind_are_found_where_they_were_done(
    ledger: Path, tmp_path: Path, way: forging.Forgery
) -> None:
    kept, copy = checkpoints(ledger, *AT), tmp_path / "heal.db"
    seen = Counter[str]()
    for seed in range(42):
        done = forging.forge(ledger, copy, way, random.Random(seed))
        report, found = looked_at(copy, kept, FIRST.public)
        wrong = [one for one in found if one.wrong]
        size = next(size for size in AT if size >= done.first)
        below = max((one for one in AT if one < done.first), default=0)

        assert [one.signed.checkpoint.size for one in wrong] == [one for one in AT if one >= size]
        if done.what == "cut":
            assert report.sound
            assert f"entries {done.first} to {size} are missing" in wrong[0].wrong
        elif done.what == "rewrite":
            assert report.sound
            place = f"an entry from {below + 1} to {size}"
            assert place in wrong[0].wrong
            assert "written anew" in wrong[0].wrong
        else:
            assert report.broken is not None
            assert report.broken.seq == done.first
            assert f"broken at entry {done.first}" in wrong[0].wrong
        seen[done.what] += 1
    assert seen.total() == 42


def test_a_rewrite_of_the_last_entry_alone_is_named_exactly(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "heal.db"

    class Last(random.Random):
        def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
            return start - 1

    forging.forge(ledger, copy, forging.rewrite, Last())
    _, found = looked_at(copy, checkpoints(ledger, 59, 60), FIRST.public)

    assert [one.wrong for one in found] == [
        "", "the ledger was written anew: entry 60 is not the one that was signed",
    ]  # fmt: skip


def test_two_histories_that_were_signed_are_told_apart(ledger: Path, tmp_path: Path) -> None:
    copy = tmp_path / "heal.db"
    forging.forge(ledger, copy, forging.rewrite, random.Random(1))
    forked = checkpoints(copy, 60)[0]
    _, found = looked_at(ledger, [*checkpoints(ledger, 60), forked], FIRST.public)

    assert not found[0].wrong
    assert "two histories were signed" in found[1].wrong


def test_a_key_that_is_not_ours_is_refused(ledger: Path) -> None:
    theirs = Signer("ledger.test", b"9" * 32)
    kept = checkpoints(ledger, 60, by=theirs)

    for trusted in ((), (FIRST.public,)):
        _, [found] = looked_at(ledger, kept, *trusted)
        assert found.wrong.startswith("refused: no key that counts here signed it")
    _, [found] = looked_at(ledger, checkpoints(ledger, 60), theirs.public)
    assert "refused" in found.wrong


def test_the_checkpoint_of_another_ledger_is_refused(ledger: Path) -> None:
    other = Signer("other.test", b"1" * 32)
    _, [found] = looked_at(ledger, checkpoints(ledger, 60, by=other))

    assert found.wrong == "refused: it is of other.test, and the keys here are of ledger.test"


def test_a_signature_under_another_size_or_root_is_refused(ledger: Path) -> None:
    [signed] = checkpoints(ledger, 60)
    for size, root in ((61, signed.checkpoint.root), (60, b"r" * 32)):
        said = signed.checkpoint._replace(size=size, root=root)
        forged = Signed(said, signed.note._replace(text=said.text))
        _, [found] = looked_at(ledger, [forged], FIRST.public)
        assert "refused" in found.wrong


def test_whoever_trusts_either_key_follows_the_rotation(tmp_path: Path) -> None:
    path = written(tmp_path / "heal.db", rotated=30)
    kept = [*checkpoints(path, 20, 29), *checkpoints(path, 30, 60, by=SECOND)]

    for trusted in (FIRST.public, SECOND.public):
        _, found = looked_at(path, kept, trusted)
        assert [one.wrong for one in found] == [""] * 4


def test_a_key_whose_turn_is_over_signs_nothing_more(tmp_path: Path) -> None:
    path = written(tmp_path / "heal.db", rotated=30)
    kept = [*checkpoints(path, 30, 60), *checkpoints(path, 29, by=SECOND)]

    _, found = looked_at(path, kept)

    assert all("out of its turn" in one.wrong for one in found)


def test_a_rewrite_signed_by_a_stolen_key_of_yesterday_fools_nobody_with_the_key_of_today(
    tmp_path: Path,
) -> None:
    """The thief has the first key, and leaves the rotation out of the history that he writes."""
    path, forged = written(tmp_path / "heal.db", rotated=30), tmp_path / "forged.db"
    stolen = written(forged)
    theirs = checkpoints(stolen, 60)

    _, [found] = looked_at(stolen, theirs, SECOND.public)
    assert "refused" in found.wrong
    _, found_ = looked_at(stolen, checkpoints(path, 29, 60, by=FIRST)[:1], SECOND.public)
    assert found_[0].wrong  # what a sink kept from before does not fit it either
    _, [fooled] = looked_at(stolen, theirs, FIRST.public)
    assert not fooled.wrong  # and that is why an auditor is given the key of today


def test_a_key_that_nobody_handed_over_to_counts_only_for_who_trusts_it(tmp_path: Path) -> None:
    path = tmp_path / "heal.db"
    with closing(connect(path, 0)) as db:
        for number, key in enumerate((FIRST, SECOND)):
            fact = CheckpointKey(key=key.public.written)
            View(db).append(draft(f"{number}", kind=fact.kind, incident="", body=fact.body))
    kept = checkpoints(path, 2, by=SECOND)

    assert "refused" in looked_at(path, kept, FIRST.public)[1][0].wrong
    assert not looked_at(path, kept, SECOND.public)[1][0].wrong
