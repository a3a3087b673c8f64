"""A scrubbed message says nothing of whose it was, and is still read as it was before."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.alerts import formats
from bot.slack.alerts.scrubbing import Scrub
from tests.slack.alerts import messages, vendors
from tests.slack.alerts.vendors import message

SECRETS = {
    "a token": "xoxb-1234567890-abcdefghijkl",
    "a key": "AKIAABCDEFGHIJKLMNOP",
    "a password": "hunter22",
    "a bearer token": "abcdef.ghijkl.mnopqr",
    "a webhook": "zZ9yY8xX7wW6vV5uU4tT3sS2",
    "a person's id": "U024BE7LH",
    "a channel's id": "C0ACME9XYZ",
    "an address": "ana.ruiz@acme-corp.com",
    "an address's own part": "ana.ruiz",
    "a mention without a digit": "UQXYZABCD",
    "an id in running text": "U77BARE4LH",
    "a person's name": "Ana Ruiz",
    "another person's name": "Ben Okafor",
    "a mention's name": "cleo.m",
    "a host": "grafana.acme-corp.internal",
    "a host in running text": "db1.pay.acme-corp.net",
    "a customer's part of a vendor's host": "acme-corp",
    "the same without a scheme": "acme-two",
    "a path's word": "checkout-team",
    "a query's word": "slack-acme",
    "a user in a link": "root:toor",
    "an IP address": "10.20.30.40",
    "an account": "123456789012",
    "a phone number": "+49 171 1234567",
    "an opaque id": "3c603aeb-a223-4b41-a4a4-94d7467dba7d-1656692903240",
    "a word that was named": "Falcon",
}
FULL: dict[str, Any] = {
    "type": "message", "subtype": "bot_message", "bot_id": "B024BE7LH", "app_id": "A024BE7LH",
    "user": "U024BE7LH", "channel": "C0ACME9XYZ", "team": "T024BE7LH", "ts": "1700000000.000100",
    "user_profile": {"real_name": "Ana Ruiz", "email": "ana.ruiz@acme-corp.com"},
    "metadata": {"event_payload": {"token": "hunter22"}}, "files": [{"name": "Ana Ruiz.png"}],
    "text": "token xoxb-1234567890-abcdefghijkl and AKIAABCDEFGHIJKLMNOP, password=hunter22 "
            "Authorization: Bearer abcdef.ghijkl.mnopqr <@U024BE7LH|cleo.m> in "
            "<#C0ACME9XYZ|secret> <@UQXYZABCD> U77BARE4LH "
            "mail ana.ruiz@acme-corp.com or call +49 171 1234567; 10.20.30.40 of "
            "123456789012 at acme-two.datadoghq.eu",
    "attachments": [{
        "title": "Falcon is down", "fallback": "Ana Ruiz acknowledged Falcon",
        "title_link": "https://root:toor@grafana.acme-corp.internal:3000/checkout-team/9"
                      "?receiver=slack-acme",
        "text": "db1.pay.acme-corp.net <https://acme-corp.pagerduty.com/incidents/Q1UEOA2CBT9|it> "
                "3c603aeb-a223-4b41-a4a4-94d7467dba7d-1656692903240",
        "image_url": "https://hooks.slack.com/services/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",
        "fields": [{"title": "Assigned to", "value": "Ben Okafor, Ana Ruiz"}],
    }],
    "blocks": [
        {"type": "section", "text": {"type": "mrkdwn", "text": "*Owner:* Ben Okafor"}},
        {"type": "actions", "elements": [{"type": "button", "value": "hunter22"}]},
    ],
}  # fmt: skip


@pytest.mark.parametrize("kind", SECRETS)
def test_nothing_of_a_company_survives(kind: str) -> None:
    assert SECRETS[kind].lower() in json.dumps(FULL).lower(), "or this shows nothing"
    clean = json.dumps(Scrub(["Falcon"]).message(FULL), ensure_ascii=False)

    assert SECRETS[kind].lower() not in clean.lower()


def test_what_is_said_twice_is_the_same_twice() -> None:
    clean: Any = Scrub().message(FULL)
    (attachment,) = clean["attachments"]

    assert clean["user"] in clean["text"]
    assert attachment["fields"][0]["value"].split(", ")[1] in attachment["fallback"]
    assert clean["blocks"][0]["text"]["text"].endswith(
        attachment["fields"][0]["value"].split(",")[0]
    )


def test_what_was_scrubbed_is_as_it_is() -> None:
    clean = Scrub().message(FULL)
    text = clean["text"]

    assert isinstance(text, str)
    assert Scrub().text(text) == text


def test_the_structure_stays() -> None:
    clean: Any = Scrub().message(FULL)

    assert [*clean] == [name for name in FULL if name not in {"user_profile", "metadata", "files"}]
    assert [*clean["attachments"][0]] == [*FULL["attachments"][0]]
    assert clean["ts"] == FULL["ts"]


OURS = [("alertmanager", one) for one in messages.CAPTURED] + [
    ("grafana", messages.grafana("FIRING:1", f"**Firing**\n{messages.one()}"))
]


@pytest.mark.parametrize(
    ("system", "original"),
    [
        *((system, message(system, name)) for system, name in vendors.EVERY if name != "update"),
        *OURS,
    ],
)
def test_a_scrubbed_message_is_read_by_the_same_format_as_the_same_alerts(
    system: str, original: dict[str, Any]
) -> None:
    before, (name, after) = formats.read(original), formats.which(Scrub().message(original))
    assert before is not None
    assert after is not None

    assert name == system
    assert [(one.status, one.name, one.labels.get("service")) for one in after.alerts] == [
        (one.status, one.name, one.labels.get("service")) for one in before.alerts
    ]
    assert len({one.fingerprint for one in after.alerts}) == len(after.alerts)


def test_the_end_of_an_alert_keeps_its_identity_beside_its_beginning() -> None:
    for system in vendors.ALL:
        scrub = Scrub()
        both = (
            formats.read(scrub.message(message(system, name))) for name in ("firing", "resolved")
        )
        first, second = (told.alerts[0].fingerprint for told in both if told)

        assert first == second, system


INNER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["text", "user", "title", "value", "type"]), inner),
    max_leaves=15,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "user"]), INNER))
def test_no_message_is_an_error(original: dict[str, Any]) -> None:
    assert Scrub(["x", ""]).message(original).keys() <= original.keys()
