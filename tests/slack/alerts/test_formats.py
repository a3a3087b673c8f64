"""A message is read as several alerts, and what plays being one in it is not believed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alert import AlertStatus
from bot.slack.alerts import formats
from bot.slack.alerts.told import Told
from tests.slack.alerts import messages
from tests.slack.alerts.messages import grafana, one

FIRING, RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED


def told(message: dict[str, Any]) -> Told:
    found = formats.read(message)
    assert found is not None
    return found


def test_the_default_template_of_alertmanager_names_a_group_and_no_labels() -> None:
    found = told(messages.FIRING)
    (said,) = found.alerts

    assert (found.link, said.status, said.name, said.labels) == (
        messages.LINK, FIRING, "KubePodCrashLooping", {},
    )  # fmt: skip
    assert said.words == {"KubePodCrashLooping", "payments"}


def test_the_end_of_a_group_has_the_name_of_its_beginning() -> None:
    (begun,), (ended,) = told(messages.FIRING).alerts, told(messages.OVER).alerts

    assert (ended.status, ended.fingerprint) == (RESOLVED, begun.fingerprint)


def test_what_alerts_have_in_common_just_now_is_no_part_of_their_groups_name() -> None:
    one_, two = (
        told(messages.default(f"[FIRING:{n}] Down shop ({common})")).alerts[0]
        for n, common in ((1, "web-1 critical"), (2, "critical"))
    )

    assert one_.fingerprint == two.fingerprint


def test_the_same_group_of_another_alertmanager_is_another_one() -> None:
    mine, theirs = (
        told(messages.default("[FIRING:1] Down shop", f"http://{host}/#/alerts")).alerts[0]
        for host in ("am-1", "am-2")
    )

    assert mine.fingerprint != theirs.fingerprint


def test_every_alert_that_a_template_lists_is_read_and_not_only_the_last() -> None:
    first, second = told(messages.NAMED).alerts

    assert [first.labels["pod"], second.labels["pod"]] == ["payments-api-7c9f", "payments-api-8d0a"]
    assert first.labels == {
        "alertname": "KubePodCrashLooping", "cluster": "prod-eu", "namespace": "payments",
        "pod": "payments-api-7c9f", "severity": "critical", "team": "pay",
    }  # fmt: skip
    assert [said.status for said in told(messages.NAMED_OVER).alerts] == [RESOLVED, RESOLVED]


def test_grafana_lists_what_fires_and_what_is_over() -> None:
    text = f"**Firing**\n{one('api-1')}\n\n**Resolved**\n{one('api-2')}"
    found = told(grafana("FIRING:1, RESOLVED:1", text))

    assert found.link == "http://grafana.example/alerting/grafana/x/view"
    assert [(said.status, said.labels["pod"]) for said in found.alerts] == [
        (FIRING, "api-1"), (RESOLVED, "api-2"),
    ]  # fmt: skip
    assert found.alerts[0].annotations == {"summary": "Pod crash looping"}


FORGED = "\n\nLabels:\n - alertname = DiskFull\n - service = database\n"


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("FIRING:1", f"**Firing**\n{one(summary=f'it fell{FORGED}')}"),
        ("FIRING:1", f"**Firing**\n{one(summary=f'it fell{chr(10)}**Resolved**{FORGED}')}"),
        ("FIRING:1", f"**Firing**\n{one(pod=f'a{chr(10)} - service = database')}"),
        ("FIRING:2", f"**Firing**\n{one()}"),
        ("FIRING:1", "**Firing**\n"),
        ("RESOLVED", f"**Resolved**\n{one()}\n**Firing**\n{one('api-2')}"),
    ],
)
def test_a_value_that_plays_being_an_alert_costs_grafanas_message_its_labels(
    head: str, text: str
) -> None:
    (said,) = told(grafana(head, text)).alerts

    assert (said.name, said.labels) == ("CrashLoop", {})


def test_a_template_of_text_alone_is_read() -> None:
    found = told({"text": f"[FIRING:1] Down shop (critical)\nsee <{messages.LINK}|it>"})

    assert (found.link, found.alerts[0].name) == (messages.LINK, "Down")


def test_a_message_of_blocks_is_read_with_its_escapes() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "[FIRING:1] Down R&amp;D"}}
    pairs = "*alertname:* `Down` *team:* `R&amp;D`"
    section = {"type": "section", "fields": [{"type": "mrkdwn", "text": pairs}]}

    assert told({"blocks": [header, section]}).alerts[0].labels == {
        "alertname": "Down", "team": "R&D",
    }  # fmt: skip


def test_rich_text_is_read_line_by_line() -> None:
    texts = [{"type": "text", "text": "[RESOLVED] "}, {"type": "text", "text": "Down shop"}]
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": texts}]}

    assert told({"blocks": [rich]}).alerts[0].status is RESOLVED


@pytest.mark.parametrize("mark", ["from_url", "original_url", "app_unfurl_url", "is_app_unfurl",
                                  "is_msg_unfurl", "is_share"])  # fmt: skip
def test_what_slack_unfolds_from_a_link_is_not_what_its_sender_said(mark: str) -> None:
    page = {"title": "[RESOLVED] Down shop", "fallback": "[RESOLVED] Down shop"}
    value: bool | str = True if mark.startswith("is_") else "http://elsewhere.example"
    message = messages.default("[FIRING:1] Down shop")
    message["attachments"].insert(0, {**page, mark: value})

    assert told(message).alerts[0].status is FIRING
    assert formats.read({"text": "see this", "attachments": [{**page, mark: value}]}) is None


@pytest.mark.parametrize(
    "text",
    ["", "all is well", "FIRING Down shop", "we saw [FIRING:1] Down shop", "[WARNING] Down shop"],
)
def test_other_messages_are_no_alerts(text: str) -> None:
    assert formats.read({"text": text}) is None


def test_more_alerts_than_a_message_may_bring_are_cut() -> None:
    pods = [f"api-{number}" for number in range(300)]

    assert len(told(messages.listing("FIRING:300", *pods)).alerts) == 100


INNER = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just("[FIRING:1] Down shop"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["text", "blocks", "attachments", "fields", "elements", "title", "value",
                         "type", "fallback", "footer", "title_link", "url"]),
        inner | st.sampled_from(["rich_text", "section", "Grafana v1", "Labels:\n - a = b"]),
        max_size=4,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["text", "blocks", "attachments"]), INNER, max_size=3))
def test_no_message_is_an_error_of_ours(message: dict[str, Any]) -> None:
    found = formats.read(message)

    assert found is None or found.alerts


def test_blocks_within_blocks_are_read_so_deep_and_no_deeper() -> None:
    deep: dict[str, Any] = {"type": "section", "text": "[FIRING:1] Down"}
    for _ in range(2000):
        deep = {"type": "container", "child_blocks": [deep]}

    assert formats.read({"blocks": [deep]}) is None
