"""`heal capture`: out of a file, a pipe or Slack, into a sample that a test can read."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli import main
from bot.core.errors import ConfigurationError
from bot.rehearsal.workspace import Workspace
from bot.slack import capturing
from tests.slack.alerts import vendors

Run = pytest.CaptureFixture[str]


@pytest.fixture
def alert(tmp_path: Path) -> Path:
    """An event as Slack delivers it, in a file."""
    said = vendors.message("pagerduty", "firing")
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"type": "event_callback", "event": said}))
    return path


def test_a_sample_is_written_and_what_it_is_read_as_is_told(
    alert: Path, tmp_path: Path, capsys: Run
) -> None:
    to = tmp_path / "sample.json"

    assert main(["capture", str(alert), "--to", str(to), "--name", "firing"]) == 0
    sample = json.loads(to.read_text())
    told = capsys.readouterr()

    assert (sample["kind"], [*sample["messages"]]) == ("captured", ["firing"])
    assert "acme" not in to.read_text()
    assert told.out == ""
    assert "read by the format pagerduty" in told.err
    assert "firing 'Shop is down' (service shop, environment prod), known as pagerduty-" in told.err


def test_a_message_that_no_format_reads_is_saved_all_the_same(
    capsys: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO('{"text": "Falcon fell", "user": "U024BE7LH"}'))

    assert main(["capture", "-", "--hide", "falcon"]) == 1
    told = capsys.readouterr()

    assert json.loads(told.out)["messages"]["captured"] == {
        "text": "hidden-1 fell", "user": "U0PERSON1",
    }  # fmt: skip
    assert "no format reads it" in told.err


def test_a_word_that_a_format_needs_is_named_when_it_was_hidden(alert: Path, capsys: Run) -> None:
    assert main(["capture", str(alert), "--hide", "Triggered"]) == 1
    assert "before it was scrubbed: pagerduty" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "says"),
    [("no", "is no JSON"), ("[1]", "holds no message"), ('{"event": 7}', "holds no message"),
     ('{"messages": []}', "")],
)  # fmt: skip
def test_what_is_no_message_is_said(tmp_path: Path, capsys: Run, text: str, says: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)

    assert main(["capture", str(path)]) == (2 if says else 1)
    assert says in capsys.readouterr().err


def test_a_file_that_is_there_is_not_overwritten(alert: Path, capsys: Run) -> None:
    before = alert.read_text()

    assert main(["capture", str(alert), "--to", str(alert)]) == 2
    assert (alert.read_text(), "is there already" in capsys.readouterr().err) == (before, True)


async def test_a_message_is_read_out_of_slack_by_its_link_and_a_reply_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Workspace.open() as workspace:
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-local")
        monkeypatch.setenv("SLACK_API_URL", workspace.api_url)
        root = await workspace.post("sam", "alerts", "look")
        said: dict[str, Any] = {"attachments": vendors.message("zabbix", "firing")["attachments"]}
        alert = workspace.letters.add("C0ALERTS", bot_id="B0HOOK", text="", **said)
        reply = workspace.letters.add(
            "C0ALERTS", bot_id="B0HOOK", text="", thread_ts=root["ts"], **said
        )
        for message, thread in ((alert, ""), (reply, f"?thread_ts={root['ts']}&cid=C0ALERTS")):
            link = f"{workspace.url}/archives/C0ALERTS/p{message['ts'].replace('.', '')}{thread}"
            to = tmp_path / f"{message['ts']}.json"

            assert await asyncio.to_thread(main, ["capture", link, "--to", str(to)]) == 0
            (sample,) = json.loads(to.read_text())["messages"].values()
            assert (sample["ts"], sample["channel"]) == (message["ts"], "C0CHANNEL1")

        gone = f"{workspace.url}/archives/C0ALERTS/p1600000000000100"
        assert await asyncio.to_thread(main, ["capture", gone]) == 2


@pytest.mark.parametrize(
    "link", ["https://acme.slack.com/", "https://x/archives/C0A/p12", "http://"]
)
def test_an_address_that_is_no_messages_is_refused(link: str) -> None:
    with pytest.raises(ConfigurationError, match="no message's address"):
        capturing.place(link)


def test_without_a_token_it_says_what_to_do(capsys: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    link = "https://acme.slack.com/archives/C0ALERTS/p1700000000000100"

    assert main(["capture", link]) == 2
    assert "SLACK_BOT_TOKEN is missing" in capsys.readouterr().err
