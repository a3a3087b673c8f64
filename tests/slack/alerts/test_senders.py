"""Only a listed bot or app is heard, only in its channel, and never we ourselves."""

from __future__ import annotations

from typing import Any

import pytest

from bot.core.errors import ConfigurationError
from bot.slack.alerts import posted, senders
from bot.slack.alerts.senders import Senders
from bot.slack.strangers import Identity

ME = Identity(team_id="T1", user_id="U0HEAL", bot_id="B0HEAL")
LISTED = Senders(senders.parse("C1=B0HOOK, C1=A0GRAFANA, C2=B0OTHER, C1=B0HEAL"), ME)
WEBHOOK = {"type": "message", "subtype": "bot_message", "channel": "C1", "ts": "1700000000.000100",
           "bot_id": "B0HOOK", "text": "[FIRING:1] Down"}  # fmt: skip
TOKEN = {"type": "message", "channel": "C1", "ts": "1700000000.000100", "user": "U0GRAFANA",
         "bot_id": "B0GRAFANA", "app_id": "A0GRAFANA", "text": "[FIRING:1] Down"}  # fmt: skip


def event(said: dict[str, Any]) -> dict[str, Any]:
    return {"type": "event_callback", "event": said}


def edit(said: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The event of an edit; what it now says is `said`."""
    stamp = {"ts": "1700000100.000200", "event_ts": "1700000100.000200", "hidden": True}
    about = {"type": "message", "subtype": "message_changed", "channel": said["channel"]}
    inner = {name: value for name, value in said.items() if name != "channel"}
    return event({**about, **stamp, "message": {**inner, **changes}, "previous_message": inner})


def heard(body: dict[str, Any]) -> bool:
    found = posted.read(body)
    return found is not None and LISTED.heard(found)


@pytest.mark.parametrize("said", [WEBHOOK, TOKEN])
def test_a_webhook_and_an_app_with_a_token_are_both_known(said: dict[str, Any]) -> None:
    assert heard(event(said))
    assert heard(edit(said))


@pytest.mark.parametrize(
    "changes",
    [
        {"bot_id": "B0STRANGER"},
        {"channel": "C2"},
        {"channel": "C9"},
        {"bot_id": "B0STRANGER", "username": "Alertmanager"},
        {"bot_id": "B0STRANGER", "text": "B0HOOK"},
        {"bot_id": ""},
        {"subtype": "file_comment"},
        {"subtype": "message_deleted"},
        {"subtype": "channel_join"},
        {"user": "U0HEAL"},
        {"bot_id": "B0HEAL"},
        {"ts": "yesterday"},
        {"ts": "9" * 30},
    ],
)
@pytest.mark.parametrize("made", [event, edit])
def test_everybody_else_is_not_heard(made: Any, changes: dict[str, str]) -> None:
    assert not heard(made({**WEBHOOK, **changes}))


def test_what_a_person_writes_is_no_post() -> None:
    said = {name: value for name, value in TOKEN.items() if name not in {"bot_id", "app_id"}}

    assert posted.read(event(said)) is None
    assert posted.read(edit(said)) is None


def test_a_bot_that_was_edited_over_a_persons_words_is_judged_by_its_own() -> None:
    forged = edit({**WEBHOOK, "bot_id": ""})
    forged["event"]["previous_message"] = WEBHOOK
    forged["event"]["bot_id"] = "B0HOOK"

    assert posted.read(forged) is None


def test_a_post_knows_its_thread_and_its_moment() -> None:
    alone, reply = posted.read(event(TOKEN)), posted.read(event({**TOKEN, "thread_ts": "1.1"}))
    changed = posted.read(edit(TOKEN))
    assert alone is not None
    assert reply is not None
    assert changed is not None

    assert (alone.thread, reply.thread, changed.thread) == (TOKEN["ts"], "1.1", TOKEN["ts"])
    assert (changed.at - alone.at).total_seconds() == pytest.approx(100.0001)
    assert (alone.edited, changed.edited) == (False, True)


def test_without_the_setting_nobody_is_heard() -> None:
    assert not senders.parse(" , ")
    assert not Senders({}, ME)


@pytest.mark.parametrize("pair", ["#alerts", "#alerts=", "=B0HOOK", "#=B0HOOK", "#a=U0ANA",
                                  "#a=Alertmanager", "#a=B0HOOK=B1"])  # fmt: skip
def test_a_slip_in_the_setting_is_named(pair: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SLACK_ALERT_SENDERS: .*no channel=id"):
        senders.parse(f"#alerts=B0HOOK,{pair}")
