"""`heal audit verify --checkpoint`, `prove`, `check` and `key`, as an auditor uses them."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from bot.clients.signing import Signer
from bot.core.facts import CheckpointKey
from bot.store.file import connect
from bot.store.view import View
from tests.store import forging
from tests.store.drafts import draft

KEY = Signer("ledger.test", b"1" * 32)
PUBLIC = KEY.public.written


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """Fifteen entries, of which the seven odd ones from the third on are one incident's."""
    path = tmp_path / "heal.db"
    with closing(connect(path, 0)) as db:
        fact = CheckpointKey(key=PUBLIC)
        View(db).append(draft("key", kind=fact.kind, incident="", body=fact.body))
        for number in range(2, 16):
            View(db).append(draft(f"{number}", incident="inc-one" if number % 2 else "inc-two"))
    return path


def signed(ledger: Path, *sizes: int) -> str:
    tree = forging.tree(ledger)
    return "\n".join(KEY.checkpoint(size, tree.root(size)).text for size in sizes)


def test_checkpoints_in_a_file_or_as_text_are_compared_one_by_one(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(signed(ledger, 4, 15))
    verify = ["audit", "verify", "--ledger", str(ledger), "--key", PUBLIC, "--checkpoint"]

    assert main([*verify, str(kept)]) == 0
    said = capsys.readouterr().out
    assert "checkpoint of 4 entries: the ledger holds exactly what was signed" in said
    assert "checkpoint of 15 entries: the ledger holds exactly what was signed" in said
    assert main([*verify, signed(ledger, 15), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["checkpoints"] == [{"size": 15, "fits": True, "why": ""}]


def test_a_ledger_that_lost_its_end_fails_with_the_entries_that_are_missing(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = signed(ledger, 15)
    short = tmp_path / "short.db"
    with closing(connect(short, 0)) as db, closing(connect(ledger, 0)) as whole:
        for entry in View(whole).after(0)[:9]:
            View(db).append(entry)
    verify = ["audit", "verify", "--ledger", str(short), "--checkpoint", text]

    assert main([*verify, "--key", PUBLIC]) == 1
    assert (
        "entries 10 to 15 are missing: the ledger was cut off behind 9" in capsys.readouterr().out
    )
    assert main([*verify, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["sound"] is False


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda text: text[:-30], "line 1: "),
        (lambda text: text.split("\n\n")[0] + "\n", "line 1: it is no signed note"),
        (lambda text: text + "and more\n", "line 6: it is no signed note"),
        (lambda text: "", "there is none in it"),
    ],
)
def test_what_is_no_whole_checkpoint_is_an_error_with_its_line(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], spoil: object, said: str
) -> None:
    assert callable(spoil)
    kept = tmp_path / "kept.txt"
    kept.write_text(spoil(signed(ledger, 15)))

    assert main(["audit", "verify", "--ledger", str(ledger), "--checkpoint", str(kept)]) == 2
    assert said in capsys.readouterr().err


def test_one_run_is_proved_to_somebody_without_the_ledger(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, to = tmp_path / "kept.txt", tmp_path / "proof.json"
    kept.write_text(signed(ledger, 9, 13))
    prove = ["audit", "prove", "inc-one", "--ledger", str(ledger), "--to", str(to)]

    assert main([*prove, "--checkpoint", str(kept)]) == 0
    ledger.unlink()
    assert main(["audit", "check", str(to), "--key", PUBLIC]) == 0
    said = capsys.readouterr().out
    assert "6 entries of inc-one are in the ledger of ledger.test, as it was signed with 13" in said

    proof = json.loads(to.read_text())
    for spoilt in (
        {"incident": "inc-two"},
        {"entries": [{**proof["entries"][1], "body": '{"x":1}'}]},
        {"entries": [{**proof["entries"][1], "seq": 4}]},
        {"entries": [{**proof["entries"][1], "path": proof["entries"][1]["path"][:-1]}]},
        {"checkpoint": proof["checkpoint"].replace("\n13\n", "\n14\n")},
    ):
        to.write_text(json.dumps(proof | spoilt))
        assert main(["audit", "check", str(to), "--key", PUBLIC]) == 1
        assert "NOT proved" in capsys.readouterr().out
    to.write_text(json.dumps(proof))
    assert main(["audit", "check", str(to), "--key", Signer("x", b"2" * 32).public.written]) == 1
    assert "NOT proved" in capsys.readouterr().out


def test_nothing_is_proved_without_a_checkpoint_or_by_a_ledger_that_does_not_fit_it(
    ledger: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = tmp_path / "proof.json"
    prove = ["audit", "prove", "inc-one", "--ledger", str(ledger), "--to", str(to)]
    foreign = KEY.checkpoint(15, b"r" * 32).text

    assert main(prove) == 1
    assert "no checkpoint was made yet" in capsys.readouterr().out
    assert main([*prove, "--checkpoint", foreign]) == 1
    assert "the checkpoint does not fit it" in capsys.readouterr().out
    assert main([*prove, "--checkpoint", signed(ledger, 2)]) == 1
    assert "covers nothing of inc-one" in capsys.readouterr().out
    assert not to.exists()


def test_a_new_key_is_private_and_its_successor_carries_its_consent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "old.key", tmp_path / "new.key"

    assert main(["audit", "key", "new", "--to", str(old), "--name", "ledger.test"]) == 0
    public = capsys.readouterr().out.strip()
    assert main(["audit", "key", "new", "--to", str(new), "--after", str(old)]) == 0
    other = capsys.readouterr().out.strip()
    assert main(["audit", "key", "show", str(new)]) == 0

    assert capsys.readouterr().out.strip() == other != public
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    assert public in Signer.read(new.read_text()).handover
    assert main(["audit", "key", "new", "--to", str(new)]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert main(["audit", "key", "new", "--to", str(tmp_path / "x"), "--name", "a b"]) == 2
