"""Evidence of one run carries the proof that a signed ledger holds it, withheld entries too."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import confirming, main
from bot.clients import signing
from bot.clients.signing import Signer
from bot.core import covered
from bot.core.facts import CheckpointKey
from bot.store.file import connect
from tests import builders
from tests.slack.cards import stories
from tests.store import books, forging

KEY, OTHER = Signer("ledger.test", b"1" * 32), Signer("ledger.test", b"2" * 32)
INCIDENT = builders.INCIDENT
EVERY = (".jsonl", ".md", ".html", ".db")


def signed(path: Path, size: int, note: str) -> None:
    """Lay a checkpoint beside the ledger, as Heal does when it made one."""
    with closing(connect(path, 0)) as db, db.atomic():
        laid = "insert into checkpoint (size, at, note, frontier) values (?, '', ?, '')"
        db.execute(laid, [size, note])


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run, another incident around it, and a checkpoint of all but the last entry."""
    told = books.story(INCIDENT, stories.STORIES["edited"]())
    other = books.story("inc-other1", stories.STORIES["denied"]())
    lines = [books.Line("", CheckpointKey(key=KEY.public.written)), *other, *told]
    path = books.written(tmp_path_factory.mktemp("covered") / "heal.db", lines)
    size = len(lines) - 1
    note = KEY.checkpoint(size, forging.tree(path).root(size)).text
    with closing(connect(path, 0)) as db:
        db.execute(
            "insert into checkpoint (size, at, note, frontier) values (?, '', ?, '')", [size, note]
        )
        db.conn.commit()
    return path


def exported(ledger: Path, to: Path, *more: str) -> Path:
    given = ["--incident", INCIDENT, "--to", str(to), "--ledger", str(ledger), *more]
    assert main(["audit", "export", *given]) == 0
    return to


def verify(part: Path, *more: str) -> int:
    return main(["audit", "verify", "--ledger", str(part), *more])


@pytest.mark.parametrize("ending", EVERY)
def test_who_has_the_key_needs_neither_the_ledger_nor_its_keeper(
    ledger: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    part = exported(ledger, tmp_path / f"part{ending}", "--black", "persons")
    capsys.readouterr()

    assert verify(part, "--key", KEY.public.written) == 0
    said = capsys.readouterr().out
    assert re.search(r"withheld \(hash only\)", said)
    assert re.search(r"\d+ of \d+ entries are proved to be in the ledger of ledger.test", said)
    assert "the key that it names itself" not in said
    assert verify(part) == 0
    assert "by the key that it names itself" in capsys.readouterr().out
    assert verify(part, "--key", OTHER.public.written) == 1
    assert "no key that counts here signed it" in capsys.readouterr().out


def test_an_entry_that_was_never_signed_shows_though_the_chain_holds(
    ledger: Path, tmp_path: Path
) -> None:
    """Somebody writes the whole story anew, hashes and all, and keeps the old checkpoint."""
    held = confirming.read(exported(ledger, tmp_path / "part.jsonl"))
    told = books.story(INCIDENT, stories.STORIES["resolved"]())[: len(held.parts) - 1]
    forged = books.written(tmp_path / "forged.db", [books.Line("", CheckpointKey(
        key=KEY.public.written)), *told])  # fmt: skip
    mine = confirming.read(exported(forged, tmp_path / "mine.jsonl"))
    lie = held._replace(parts=mine.parts)
    found = covered.cover(lie, [KEY.public], signing.check)

    assert covered.cover(held, [KEY.public], signing.check).broken is None
    assert found.broken is not None
    assert covered.cover(mine, [KEY.public], signing.check).broken is not None, "none is in it"
    assert covered.cover(mine, [], signing.check).broken is None


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said._replace(checkpoint=said.checkpoint.replace("ledger.test\n", "x\n", 1)),
        lambda said: said._replace(checkpoint="no note"),
        lambda said: said._replace(paths={}),
        lambda said: said._replace(paths={seq: path[1:] for seq, path in said.paths.items()}),
        lambda said: said._replace(paths=dict.fromkeys(said.paths, ("zz",))),
    ],
)  # fmt: skip
def test_a_proof_that_was_changed_is_none(ledger: Path, tmp_path: Path, change: object) -> None:
    held = confirming.read(exported(ledger, tmp_path / "part.jsonl"))
    assert callable(change)
    lie = held._replace(stated=change(held.stated))

    assert covered.cover(lie, [], signing.check).broken is not None


def test_a_ledger_that_is_not_what_it_signed_gives_no_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = books.written(tmp_path / "heal.db", books.story(INCIDENT, [builders.an_opening()]))
    with closing(connect(path, 0)) as db:
        note = KEY.checkpoint(1, b"x" * 32).text
        db.execute(
            "insert into checkpoint (size, at, note, frontier) values (1, '', ?, '')", [note]
        )
        db.conn.commit()
    given = ["--incident", INCIDENT, "--to", str(tmp_path / "a.md"), "--ledger", str(path)]

    assert main(["audit", "export", *given]) == 2
    assert "is not what its own checkpoint of 1 entries signed" in capsys.readouterr().err
