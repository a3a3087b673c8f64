"""The command line: honest exit codes, and words instead of tracebacks."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import main
from bot.core import facts
from bot.core.facts import Halted, Resumed
from bot.core.policy.verdict import Ruling
from bot.core.transcript import Draft
from bot.store.file import connect
from bot.store.ledger import Ledger
from bot.store.view import View
from bot.store.writer import Writer
from tests import builders

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_whoever_reads_may_stop_reading() -> None:
    listed = [sys.executable, "-m", "bot", "sources", "list"]
    with subprocess.Popen(
        listed, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read().decode()

    assert (running.returncode, said) == (141, "")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "heal.db"
    asyncio.run(_write(path))
    return path


async def _write(path: Path) -> None:
    writer = await Writer.open(path)
    book = Ledger(writer)
    for number in range(4):
        fact = Halted(by="U1", why=f"no {number}") if number % 2 else Resumed(by="U1", why="ok")
        await book.append(
            Draft(at=NOW, incident="", actor="U1", kind=fact.kind, key=str(number), body=fact.body)
        )
    await writer.close()


def test_a_sound_ledger_is_counted(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--ledger", str(ledger)]) == 0
    assert "sound: 4 entries" in capsys.readouterr().out


@pytest.mark.parametrize(
    "tampering",
    [
        "update entry set body = replace(body, 'no 1', 'no 7') where seq = 2",
        "delete from entry where seq = 2",
        "update entry set seq = case seq when 2 then 3 else 2 end where seq in (2, 3)",
    ],
)
def test_a_ledger_that_was_tampered_with_fails(
    ledger: Path, capsys: pytest.CaptureFixture[str], tampering: str
) -> None:
    conn = sqlite3.connect(ledger)
    found = conn.execute("select name from sqlite_schema where type='trigger'")
    triggers = [row[0] for row in found.fetchall()]
    for trigger in triggers:
        conn.execute(f"drop trigger {trigger}")
    if "case seq" in tampering:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            conn.execute("update entry set seq = ? where seq = ?", [new, old])
    else:
        conn.execute(tampering)
    conn.commit()
    conn.close()

    assert main(["audit", "verify", "--ledger", str(ledger), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["sound"] is False
    assert said["broken_at"] == 2


def test_a_cut_tail_is_found_by_the_head_that_was_kept(
    ledger: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["audit", "verify", "--ledger", str(ledger), "--json"])
    head = json.loads(capsys.readouterr().out)["head"]
    conn = sqlite3.connect(ledger)
    for (trigger,) in conn.execute(
        "select name from sqlite_schema where type='trigger'"
    ).fetchall():
        conn.execute(f"drop trigger {trigger}")
    conn.execute("delete from entry where seq = 4")
    conn.commit()
    conn.close()

    assert main(["audit", "verify", "--ledger", str(ledger)]) == 0
    assert main(["audit", "verify", "--ledger", str(ledger), "--head", f"4:{head}"]) == 1


def test_a_ledger_can_be_shown(ledger: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "show", "--ledger", str(ledger)]) == 0
    assert "no 3" in capsys.readouterr().out


def test_what_is_not_there_is_said_in_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "verify", "--ledger", str(tmp_path / "none.db")]) == 2
    assert "there is no ledger" in capsys.readouterr().err


def test_the_shipped_runbooks_keep_their_promises(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "test", "--dir", str(ROOT / "runbooks")]) == 0
    assert "0 failed" in capsys.readouterr().out


def test_stages_are_listed_with_what_the_ledger_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "heal.db"
    shown = facts.Shown(round=1, digest="d", runbook="restart-dead-service", service="shop-api",
                        environment="staging", would=Ruling.ASK)  # fmt: skip
    opened = facts.Opened(workflow="heal-1", service="shop-api", environment="staging", title="x")
    chosen = facts.Chosen(runbook="restart-dead-service")
    with closing(connect(path, 0)) as db:
        for number, fact in enumerate((opened, chosen, shown)):
            View(db).append(Draft(at=builders.START, incident="inc-1", actor="heal",
                                  kind=fact.kind, key=str(number), body=fact.body))  # fmt: skip
    asked = ["runbooks", "stages", "restart-dead-service", "--dir", str(ROOT / "runbooks")]

    assert main([*asked, "--ledger", str(path), "--json"]) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (told["runbook"], told["stage"], told["since"]) == (
        "restart-dead-service", "auto", None,
    )  # fmt: skip
    assert (told["record"]["shown"], told["record"]["would_ask"]) == (1, 1)
    assert [one["key"] for one in told["criteria"]] == ["verified_percent", "no_relapse_for"]
    assert told["earned"] is False

    assert main([*asked, "--ledger", str(path)]) == 0
    said = capsys.readouterr().out
    assert "restart-dead-service         auto: " in said
    assert "shown 1 (would have run 0, asked 1, refused 0); approved 0, rejected 0" in said
    assert "missing: no_relapse_for 14 days (no run yet)" in said


def test_runbooks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runbooks", "list", "--dir", str(ROOT / "runbooks")]) == 0
    assert "restart-dead-service" in capsys.readouterr().out


def test_a_broken_promise_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from bot.rehearsal import library

    directory = library.write(tmp_path, {"shop": "http://127.0.0.1:1"})
    path = directory / "raise-connection-pool.yaml"
    path.write_text(path.read_text().replace("parameters: {size: 50}", "parameters: {size: 60}"))

    assert main(["runbooks", "test", "--dir", str(directory)]) == 1
    assert "FAIL raise-connection-pool" in capsys.readouterr().out


def test_running_without_tokens_says_which_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)

    assert main(["run"]) == 2
    assert "SLACK_BOT_TOKEN is missing" in capsys.readouterr().err


RUN_ONLY = """
import sys
from bot.cli import main
assert main(["run"]) == 2
print([room for room in ("bench", "doctor", "rehearsal") if f"bot.{room}" in sys.modules])
"""


def test_to_run_imports_nothing_of_the_other_verbs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    ran = subprocess.run([sys.executable, "-c", RUN_ONLY], check=True, capture_output=True)

    assert ran.stdout == b"[]\n"
