"""`heal sources` says what opens each door, and what becomes of a message, touching nothing."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bot import cli
from tests.rules import house

PAYLOADS = house.ROOT / "tests" / "sources" / "payloads"
BELLS = """\
mapping: bells
when: has(body.bell)
name: item.bell
firing: item.rings
labels: {service: "'shop-api'", environment: "'production'"}
"""


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(house.ROOT)


def tried(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(["sources", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def message(folder: Path, said: Any) -> str:
    file = folder / "message.json"
    file.write_text(json.dumps(said))
    return str(file)


def row(out: str, source: str) -> tuple[str, str]:
    lines = out.splitlines()
    [at] = [at for at, line in enumerate(lines) if line.split()[0] == source]
    return lines[at], lines[at + 1]


def test_every_source_says_its_address_and_what_opens_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEAL_ALERTMANAGER_WEBHOOK_TOKEN", "x")
    monkeypatch.setenv("HEAL_ALERTMANAGER_WEBHOOK_ADDRESSES", "10.0.0.0/8")

    code, out, _ = tried(capsys, "list")

    assert code == 0
    assert "/alerts/alertmanager" in row(out, "alertmanager")[0]
    assert row(out, "alertmanager")[1].strip() == "open: asks for token and listed addresses"
    assert row(out, "cloudwatch")[1].strip() == "shut: set HEAL_CLOUDWATCH_WEBHOOK_TOPICS"


def test_a_setting_that_is_wrong_is_told_and_hides_no_other_source(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEAL_ALERTMANAGER_WEBHOOK_TOKN", "x")

    code, out, _ = tried(capsys, "list")

    assert code == 1
    assert "WRONG: " in row(out, "alertmanager")[1]
    assert "shut" in row(out, "grafana")[1]


def test_a_message_is_read_by_the_source_that_knows_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = tried(capsys, "try", str(PAYLOADS / "alertmanager_firing.json"))

    assert code == 0
    assert out.startswith("alertmanager reads it: 2 alerts\nFIRING ServiceDown\n")
    assert "not restart-dead-service: alert has no known service label" in out


def test_a_message_that_no_source_knows_hears_every_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, out, err = tried(capsys, "try", message(tmp_path, {"mood": "grim"}))

    assert (code, out) == (1, "")
    assert "alertmanager: 422, 'version': Field required" in err
    assert "generic: 422, no mapping reads it" in err


def test_one_source_says_what_its_sender_would_hear(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = message(tmp_path, [{"status": "firing", "labels": {"alertname": "x"}}] * 1001)

    code, _, err = tried(capsys, "try", file, "--source", "generic")

    assert code == 1
    assert err == "generic: 413, the mapping prometheus finds more than 1000 alerts\n"


def test_a_mapping_is_tried_before_anybody_sends(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bells.yaml").write_text(BELLS)
    file = message(tmp_path, {"bell": "ServiceDown", "rings": True})

    code, out, _ = tried(capsys, "try", file, "--mapping", str(tmp_path / "bells.yaml"), "--json")

    assert code == 0
    found = json.loads(out)
    assert (found["source"], found["alert"]["name"]) == ("generic", "ServiceDown")
    assert found["runbook"] or found["reason"]


def test_a_mapping_that_is_wrong_is_told_with_its_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "bells.yaml").write_text(BELLS.replace("item.bell", "itm.bell"))

    code, _, err = tried(capsys, "try", message(tmp_path, {}), "--mapping", str(tmp_path))

    assert code == 2
    assert "bells.yaml:3: name: " in err


def test_a_message_comes_by_stdin_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = io.BytesIO((PAYLOADS / "generic_firing.json").read_bytes())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(body))

    code, out, _ = tried(capsys, "try", "-")

    assert (code, out.splitlines()[0]) == (0, "generic reads it: 1 alert")


def test_what_a_message_says_moves_no_cursor(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    labels = {"alertname": "\x1b[2J\u202eDown", "password": "hunter2hunter2"}

    _, out, _ = tried(capsys, "try", message(tmp_path, {"status": "firing", "labels": labels}))

    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "hunter2" not in out


@pytest.mark.parametrize("file", ["none.json", "large.json"])
def test_what_cannot_be_read_is_not_tried(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, file: str
) -> None:
    (tmp_path / "large.json").write_bytes(b" " * (1 << 20) + b"{}")

    code, _, err = tried(capsys, "try", str(tmp_path / file))

    assert code == 2
    assert file in err


def test_headers_are_an_object_of_texts(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    wrong = message(tmp_path, ["x"])

    code, _, err = tried(capsys, "try", str(PAYLOADS / "generic_firing.json"), "--headers", wrong)

    assert (code, "no JSON object of texts" in err) == (2, True)
