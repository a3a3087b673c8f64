"""`heal report` tells of the while that was asked for, or how to ask."""

from __future__ import annotations

import json

import pytest

from bot.cli import main
from tests.store import years


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("report") / "heal.db"
    years.write(path, 60)
    return str(path)


def test_it_tells_of_the_time_between(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--since", "2026-03-14", "--until", "2026-03-14", "--ledger", ledger]
    assert main(["report", *asked]) == 0
    told = capsys.readouterr().out

    assert told.startswith("# What was healed from 2026-03-14 00:00:00 UTC to 2026-03-15")
    assert main(["report", *asked, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    incidents = said["counts"]["incidents"]
    assert f"| Incidents from alerts | {incidents}, still open" in told
    assert incidents > 30


def test_nothing_said_is_the_last_day(ledger: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--ledger", ledger]) == 0
    assert "Nothing happened." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["soon"], "'soon' is not a duration: write it like 90s or 1h30m"),
        (["--since", "yesterday"], "'yesterday' is neither a day nor a time"),
        (["7d", "--since", "2026-03-14"], "'7d' and --since are two beginnings: write one"),
        (["--since", "2026-03-14", "--until", "2026-03-01"], "it begins at 2026-03-14 00:00:00"),
    ],
)
def test_what_cannot_be_meant_is_said(
    ledger: str, words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", *words, "--ledger", ledger]) == 2
    assert says in capsys.readouterr().err


def test_a_ledger_that_is_not_there_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--ledger", "nowhere.db"]) == 2
    assert "there is no ledger nowhere.db" in capsys.readouterr().err
