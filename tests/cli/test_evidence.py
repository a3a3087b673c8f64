"""Evidence of a run in every format: it says all that is known, and proves it by itself."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli import confirming, exporting, main
from bot.core import blacking, facts
from bot.core.chain import Head
from bot.store.reading import Choice
from bot.store.verifying import Report
from tests import builders
from tests.slack.cards import stories
from tests.store import books

NOW = builders.START + timedelta(days=1)
INCIDENT = builders.INCIDENT
TEXTS = (".jsonl", ".md", ".html")
EVERY = (*TEXTS, ".db")


TOLD = [one for one in stories.STORIES["rollback_failed"]() if not isinstance(one, facts.Joined)]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that failed and could not go back, a stop of the house in it, and another incident."""
    told = books.story(INCIDENT, TOLD)
    other = books.story("inc-other1", stories.STORIES["denied"]())
    lines = [*told[:5], books.Line("", builders.halted(), "U1", 5), *other, *told[5:]]
    return books.written(tmp_path_factory.mktemp("evidence") / "heal.db", lines)


@pytest.fixture
def part(ledger: Path, tmp_path: Path, ending: str) -> Path:
    return exported(ledger, tmp_path, ending)


def exported(ledger: Path, folder: Path, ending: str, choice: Choice = Choice(INCIDENT)) -> Path:
    to = folder / f"part{ending}"
    assert exporting.export(ledger, to, choice, NOW) is not None
    return to


def edited(path: Path, change: Callable[[str], str]) -> Report:
    before = path.read_text()
    after = change(before)
    assert after != before
    path.write_text(after)
    return exporting.verify(path)


@pytest.mark.parametrize("ending", EVERY)
def test_every_format_is_verified_by_itself_and_names_the_end_of_the_ledger(
    ledger: Path, part: Path
) -> None:
    report, whole = exporting.verify(part), exporting.verify(ledger)

    assert report.line.startswith(f"an extract (incident {INCIDENT}), sound: ")
    assert whole.head.hash in report.line
    assert report.count == len(TOLD) + 1, "with the stop in it"
    assert exporting.verify(part, whole.head).sound
    assert not exporting.verify(part, Head(whole.head.seq, "0" * 64)).sound


def swapped(text: str) -> str:
    lines = text.split("\n")
    first, second = [n for n, line in enumerate(lines) if line.startswith('{"seq"')][2:4]
    lines[first], lines[second] = lines[second], lines[first]
    return "\n".join(lines)


def without(text: str) -> str:
    """Take an entry out of an unbroken run."""
    lines = text.split("\n")
    del lines[[n for n, line in enumerate(lines) if line.startswith('{"seq"')][2]]
    return "\n".join(lines)


def cut(text: str) -> str:
    """Take the last entry away, and all behind it, but say that this is the end."""
    lines = text.split("\n")
    end = next(n for n, line in enumerate(lines) if line.startswith('{"end"'))
    return "\n".join([*lines[: end - 1], *lines[end:]])


def quoted(was: str, becomes: str) -> Callable[[str], str]:
    """Replace what stands in a line of an entry, however the format writes its quotes."""
    return lambda text: text.replace(was, becomes, 1)


@pytest.mark.parametrize(
    "change",
    [
        quoted("kubectl scale", "kubectl delete"),
        quoted('"actor": "heal"', '"actor": "U666"'),
        quoted('"seq": 3', '"seq": 2'),
        quoted('"kind": "plan.made"', '"kind":  "plan.made"'),
        quoted('{"seq": 3,', '{"body": "no", "seq": 3,'),
        quoted('{"end": {"entries": ', '{"end": {"entries": 1'),
        quoted('"format": 1', '"format": 2'),
        swapped,
        without,
        cut,
        lambda text: text[: text.index('{"end"')],
        lambda text: text[: len(text) // 2],
    ],
)
@pytest.mark.parametrize("ending", TEXTS)
def test_what_was_done_to_a_text_shows(part: Path, change: Callable[[str], str]) -> None:
    assert not edited(part, change).sound


@pytest.mark.parametrize("ending", TEXTS)
def test_what_an_extract_only_says_of_itself_is_compared_with_a_head_that_was_kept(
    ledger: Path, part: Path
) -> None:
    kept = exporting.verify(ledger).head
    part.write_text(part.read_text().replace(kept.hash, "f" * 64))

    assert not exporting.verify(part, kept).sound


@pytest.mark.parametrize("ending", [".md", ".html"])
@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("The rollback FAILED", "The rollback went well"),
        ("escalated", "resolved"),
        ("U0ANA", "U0EVE"),
        ("How to check it", "No need to check it"),
    ],
)
def test_a_word_of_the_text_around_the_entries_cannot_be_changed(
    part: Path, was: str, becomes: str
) -> None:
    report = edited(part, lambda text: text.replace(was, becomes, 1))

    assert report.broken is not None
    assert "the text around them is not what they say" in report.line


@pytest.mark.parametrize("ending", TEXTS)
def test_line_ends_of_another_system_change_nothing(part: Path) -> None:
    part.write_bytes(part.read_bytes().replace(b"\n", b"\r\n"))

    assert exporting.verify(part).sound


@pytest.mark.parametrize(
    "statement",
    [
        "update entry set actor = 'nobody' where seq = 3",
        "delete from entry where seq = 3",
        "update entry set seq = 99999 where seq = 3",
        "insert into withheld (seq, prev, hash, why) values (3, 'a', 'b', 'c')",
    ],
)
def test_what_was_done_to_a_database_shows(ledger: Path, tmp_path: Path, statement: str) -> None:
    part = exported(ledger, tmp_path, ".db")
    with closing(sqlite3.connect(part)) as conn:
        conn.execute(statement)
        conn.commit()

    assert not exporting.verify(part).sound


@pytest.mark.parametrize("content", [b"", b"\0\xff", b"# a page\n", b"{}", b"SQLite format 3\0"])
def test_what_is_no_extract_is_not_sound(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "part.html"
    path.write_bytes(content)

    assert not exporting.verify(path).sound
    assert not exporting.verify(tmp_path / "not there").sound


def test_of_thousands_of_alerts_the_middle_is_left_out_and_counted(tmp_path: Path) -> None:
    joined = facts.Joined(alert=builders.an_alert())
    told = [builders.an_opening(), *[joined] * 10_000, facts.Chosen(why_none="none fits")]
    ledger = books.written(tmp_path / "heal.db", books.story(INCIDENT, told))
    for ending in (".md", ".html"):
        part = exported(ledger, tmp_path, ending)
        report, text = exporting.verify(part), part.read_text()

        assert (report.sound, report.count) == (True, 202)
        assert "9800 more alerts joined meanwhile, which are left out here" in text
        assert f"9800 alerts that joined {INCIDENT}" in text


def test_what_another_version_wrote_is_listed_and_proved_and_said_so(tmp_path: Path) -> None:
    class Later(facts.Fact):
        kind: str = "run.teleported"
        where: str = "mars"

    lines = books.story(INCIDENT, [builders.an_opening(), Later()])
    part = exported(books.written(tmp_path / "heal.db", lines), tmp_path, ".md")

    assert exporting.verify(part).sound
    assert f"{INCIDENT} (another version of Heal wrote it" in part.read_text()
    assert "| run.teleported |" in part.read_text()


BLACK = ["--black", "persons", "--black", "texts", "--withhold", "plan.made"]


@pytest.mark.parametrize("ending", EVERY)
def test_what_is_black_is_in_no_format_and_the_ledger_confirms_the_rest(
    ledger: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / f"black{ending}"
    common = ["audit", "export", "--ledger", str(ledger), "--to", str(to)]
    assert main([*common, "--incident", INCIDENT, *BLACK]) == 0
    given = to.read_bytes()
    verify = ["audit", "verify", "--ledger", str(to), "--against", str(ledger)]

    assert main(verify) == 0
    assert re.search(r"sound: \d+ entries, \d+ withheld \(hash only\)", capsys.readouterr().out)
    assert not re.search(rb"U0ANA|U0BEN|answers 502|kubectl scale", given)
    assert b"person-1" in given


@pytest.mark.parametrize("ending", [".jsonl", ".db"])
def test_a_copy_of_a_withheld_entry_that_was_edited_is_not_confirmed(
    ledger: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = blacking.read(["persons"])
    to = tmp_path / f"black{ending}"
    exporting.export(ledger, to, Choice(INCIDENT), NOW, wish)
    if ending == ".jsonl":
        to.write_text(to.read_text().replace("person-", "person-7"))
    else:
        with closing(sqlite3.connect(to)) as conn, conn:
            conn.execute("update withheld set body = replace(body, 'person-', 'person-7')")
    verify = ["audit", "verify", "--ledger", str(to)]

    assert main(verify) == 0, "by itself a copy proves nothing, and the report says so"
    assert "withheld (hash only)" in capsys.readouterr().out
    assert main([*verify, "--against", str(ledger)]) == 1
    assert "not confirmed at entry" in capsys.readouterr().out


def test_what_withholds_entries_is_no_source_of_evidence(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exporting.export(ledger, tmp_path / "a.db", Choice(), NOW, blacking.read(["persons"]))
    given = ["--ledger", str(tmp_path / "a.db"), "--to", str(tmp_path / "b.db")]

    assert main(["audit", "export", *given]) == 2
    assert "withholds entries: export from the ledger itself" in capsys.readouterr().err


def test_another_ledger_confirms_nothing(ledger: Path, tmp_path: Path) -> None:
    other = books.written(tmp_path / "other.db", books.story(INCIDENT, TOLD[:-1]))
    part = exported(ledger, tmp_path, ".jsonl")

    assert confirming.confirm(part, ledger) is None
    assert confirming.confirm(part, other) is not None
