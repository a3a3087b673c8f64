"""`heal policy`: what would become of an alert, what a change would have meant, what is odd."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bot.cli import main
from tests.rehearsal.policy import trees

ROOT = Path(__file__).parents[2]
AT = ["--at", "2026-12-24T22:00Z"]
WELL = ["--assume", "down=0,total=3"]
OVER = {"fingerprint": "f", "status": "resolved", "source": "x", "starts_at": "2026-01-01T00:00Z"}
Out = pytest.CaptureFixture[str]


def simulate(folder: Path, *more: str) -> int:
    books = ["--runbooks", str(folder / "books")]
    return main(["policy", "simulate", "--alert", trees.alert(folder), *books, *more])


def test_allow_ask_and_deny_are_exit_codes(tmp_path: Path, capsys: Out) -> None:
    trees.tree(tmp_path / "books")
    assert simulate(tmp_path, *AT, *WELL) == 0
    assert "\nallow: it would run, and nobody be asked\n" in capsys.readouterr().out

    trees.tree(tmp_path / "books", unattended=False)
    assert simulate(tmp_path, *AT, *WELL) == 3
    assert "Who could approve: members of sre, U0ANA; 1 yes needed" in capsys.readouterr().out

    trees.tree(tmp_path / "books", freezes=[trees.FREEZE])
    assert simulate(tmp_path, *AT, *WELL) == 4
    said = capsys.readouterr().out
    assert "deny freeze window: year-end freeze freezes shop-api in production until" in said
    assert "From 2027-01-04 07:00:00 UTC on: allow (freeze window: no freeze is on)" in said


def test_just_before_a_freeze_it_says_when_the_answer_ends(tmp_path: Path, capsys: Out) -> None:
    trees.tree(tmp_path / "books", freezes=[trees.FREEZE])

    assert simulate(tmp_path, "--at", "2026-12-18T16:59:59Z", *WELL) == 0
    assert "From 2026-12-18 17:00:00 UTC on: deny (freeze window:" in capsys.readouterr().out
    assert simulate(tmp_path, "--at", "2026-12-18T17:00:00Z", *WELL) == 4


def test_it_is_read_by_programs_too(tmp_path: Path, capsys: Out) -> None:
    trees.tree(tmp_path / "books", unattended=False)

    assert simulate(tmp_path, *AT, *WELL, "--json", "--as", "U0ANA") == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["ruling"], told["runbook"], told["couldApprove"]) == (
        "ask", trees.BOOK, "yes, policy names them",
    )  # fmt: skip
    assert {"rule": "unattended", "ruling": "ask"}.items() <= told["verdicts"][0].items()
    assert any("0 of 3 away" in line for line in told["notRead"])


def test_an_alert_is_read_as_alertmanager_sends_it_and_from_stdin(
    tmp_path: Path, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = trees.tree(tmp_path / "books")
    sent = ROOT / "tests" / "sources" / "payloads" / "alertmanager_firing.json"
    text = sent.read_text(encoding="utf-8").replace('"prod"', '"production"')
    text = text.replace('"service":"shop"', '"service":"shop-api"')
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    asked = ["policy", "simulate", "--alert", "-", "--runbooks", str(books), *AT, *WELL, "--json"]

    assert main(asked) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["ruling"] for one in told] == ["allow", "allow"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--at", "tomorrow"], "--at 'tomorrow' is no instant"),
        (["--at", "2026-12-24T22:00"], "write one with its offset"),
        (["--assume", "down=x"], "'down=x' is no amount"),
        (["--assume", "dwn=1"], "'dwn' is unknown"),
        (["--assume", "down=3,total=1"], "3 of 1 cannot be down"),
        (["--alert", "/nowhere.json"], "/nowhere.json: it cannot be read"),
        (["--ledger", "/nowhere.db"], "there is no ledger /nowhere.db"),
        (["--runbooks", "/nowhere"], "nowhere/policy/rules.yaml"),
    ],
)
def test_bad_input_is_named_with_its_remedy(
    tmp_path: Path, capsys: Out, more: list[str], said: str
) -> None:
    trees.tree(tmp_path / "books")

    assert simulate(tmp_path, *more) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "the alert is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"x": 1}', "no source knows this alert, which has the fields 'x'"),
        ('{"name": "A", "severity": "bad"}', "the alert's severity: 'bad' is unknown"),
        ('{"name": "A", "label": {}}', "did you mean 'labels'"),
        ('{"name": "A", "fingerprint": "f", "status": "firing"}', "starts_at"),
        (json.dumps({**trees.ALERT, **OVER}), "no alert in it fires"),
    ],
)  # fmt: skip
def test_an_alert_that_cannot_be_read_says_which_field_is_wrong(
    tmp_path: Path, capsys: Out, written: str, said: str
) -> None:
    trees.tree(tmp_path / "books")
    file = tmp_path / "odd.json"
    file.write_text(written, encoding="utf-8")

    assert simulate(tmp_path, "--alert", str(file)) == 2
    assert said in capsys.readouterr().err
