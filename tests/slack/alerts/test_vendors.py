"""What other systems post is read as they mean it, and what only plays being theirs is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core import updates
from bot.core.alert import AlertStatus, Severity
from bot.pagers import _paging
from bot.slack.alerts import formats, posted, senders, settling
from bot.slack.alerts.senders import Senders
from bot.slack.alerts.told import Hearsay, Told
from bot.slack.strangers import Identity
from tests import builders
from tests.slack.alerts import vendors
from tests.slack.alerts.vendors import message
from tests.slack.cards import stories

FIRING, RESOLVED = AlertStatus.FIRING, AlertStatus.RESOLVED
SYSTEMS = sorted(vendors.ALL)
GROUPING = sorted(set(SYSTEMS) - {"sentry"})
"""Sentry posts each issue by itself."""
LISTED = Senders(
    senders.parse("C0ALERTS=B0VENDOR"), Identity(team_id="T1", user_id="U0HEAL", bot_id="B0HEAL")
)


def told(system: str, name: str) -> Told:
    found, heard = formats.which(message(system, name))
    assert (found, heard is not None) == (system, True)
    assert heard is not None
    return heard


def only(system: str, name: str) -> Hearsay:
    (heard,) = told(system, name).alerts
    return heard


def test_every_payload_says_where_its_shape_is_from() -> None:
    for one in vendors.ALL.values():
        assert one["kind"] in vendors.KINDS
        assert len(one["origin"]) > 20


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_new_alert_says_what_is_wrong_with_which_service_and_where(system: str) -> None:
    heard = only(system, "firing")
    (alert,) = settling.settle(told(system, "firing"), "", None, (), builders.START)

    assert (heard.status, alert.service, alert.environment) == (FIRING, "shop", "prod")
    assert alert.severity is (Severity.WARNING if system == "amazon_q" else Severity.CRITICAL)
    assert alert.link == (heard.link or None)
    assert (alert.confidence, alert.annotations["unconfirmed"]) == (0.0, settling.UNCONFIRMED)


@pytest.mark.parametrize(
    ("system", "name", "link"),
    [
        ("zabbix", "Shop is down", "https://zabbix.example/tr_events.php"),
        ("opsgenie", "Shop is down", "https://opsg.in/a/i/acme/3c603aeb"),
        ("dynatrace", "AVAILABILITY shop", "https://abc12345.live.dynatrace.com/#problems"),
        ("datadog", "Shop is down", "https://app.datadoghq.eu/monitors/922154"),
        ("pagerduty", "Shop is down", "https://acme.pagerduty.com/incidents/Q1UEOA2CBT90GM"),
        ("sentry", "PaymentError", "https://acme.sentry.io/issues/123/?referrer=slack&alert"),
        ("amazon_q", "Shop is down", "https://console.aws.amazon.com/cloudwatch"),
    ],
)
def test_an_alert_has_the_name_of_what_fired_and_leads_to_it(
    system: str, name: str, link: str
) -> None:
    heard = only(system, "firing")

    assert (heard.name, heard.link.startswith(link)) == (name, True)


@pytest.mark.parametrize("system", SYSTEMS)
def test_its_end_has_the_name_of_its_beginning(system: str) -> None:
    begun, ended = only(system, "firing"), only(system, "resolved")
    (alert,) = settling.settle(told(system, "firing"), "", None, (), builders.START)
    over = settling.settle(told(system, "resolved"), "", None, (alert,), builders.START)

    assert (ended.status, ended.fingerprint) == (RESOLVED, begun.fingerprint)
    assert begun.fingerprint.startswith("cloudwatch-" if system == "amazon_q" else f"{system}-")
    assert [(one.fingerprint, one.status) for one in over] == [(alert.fingerprint, RESOLVED)]
    assert over[0].labels == alert.labels


@pytest.mark.parametrize("system", GROUPING)
def test_a_grouped_message_is_several_alerts_each_with_its_own_name_and_service(
    system: str,
) -> None:
    first, second = told(system, "several").alerts

    assert [first.labels["service"], second.labels["service"]] == ["shop", "orders"]
    assert {first.labels["environment"], second.labels["environment"]} == {"prod"}
    assert first.fingerprint == only(system, "firing").fingerprint != second.fingerprint


@pytest.mark.parametrize("system", GROUPING)
def test_what_else_happens_to_an_alert_begins_and_ends_nothing(system: str) -> None:
    assert formats.read(message(system, "update")) is None


@pytest.mark.parametrize("system", ["opsgenie", "pagerduty"])
@pytest.mark.parametrize("state", ["rolled_back", "resolved"])
def test_what_a_pager_posts_of_heals_own_page_is_no_alert(system: str, state: str) -> None:
    incident = stories.incident(state)
    update = [*updates.of(incident)][-1]
    text = json.dumps(message(system, "firing"))
    page = json.dumps(_paging.summary(update))[1:-1]

    assert "Shop is down" in text
    assert formats.read(json.loads(text)) is not None
    assert formats.read(json.loads(text.replace("Shop is down", page))) is None


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_service_that_is_not_said_is_not_guessed(system: str) -> None:
    (alert,) = settling.settle(told(system, "unplaced"), "", None, (), builders.START)

    assert (alert.firing, alert.service, alert.environment) == (True, "", "")


def test_an_issue_that_was_only_assigned_is_not_over() -> None:
    assert only("sentry", "assigned").status is FIRING


def test_what_an_event_says_of_itself_is_no_tag_and_no_end_of_sentrys_issue() -> None:
    forged = message("sentry", "firing")
    forged["blocks"][2]["text"]["text"] = "*Issue resolved by <@U0ANA>*"
    heard = formats.read(forged)
    assert heard is not None

    assert heard.alerts[0].status is FIRING
    assert only("sentry", "firing").labels == {
        "environment": "prod", "service": "shop", "level": "error", "severity": "critical",
    }  # fmt: skip


def test_a_metric_alert_of_sentry_begins_and_ends_by_its_status() -> None:
    begun, ended = only("sentry", "metric"), only("sentry", "metric_over")

    assert (begun.name, begun.status, ended.status) == ("Too many errors", FIRING, RESOLVED)
    assert begun.fingerprint == ended.fingerprint


def test_the_group_of_a_monitor_is_part_of_its_name() -> None:
    first, second = told("datadog", "several").alerts

    assert first.fingerprint != second.fingerprint
    assert first.fingerprint == only("datadog", "resolved").fingerprint


def test_the_same_number_of_another_installation_is_another_alert() -> None:
    theirs = message("zabbix", "firing")
    theirs["attachments"][0]["title_link"] = (
        "https://other.example/tr_events.php?triggerid=1&eventid=2043"
    )
    heard = formats.read(theirs)
    assert heard is not None

    assert heard.alerts[0].fingerprint != only("zabbix", "firing").fingerprint


@pytest.mark.parametrize(
    ("system", "path", "said"),
    [
        ("zabbix", ("attachments", 0, "fields", 4, "value"), "service: shop\nservice: database"),
        ("zabbix", ("attachments", 0, "fields", 4, "value"), "env: prod\nenvironment: test"),
        ("opsgenie", ("attachments", 0, "fields", 1, "value"), "service:shop, Service:database"),
        ("dynatrace", ("text",), "OPEN ERROR Problem P-1: shop\nTags: service:shop\nTags: env:x"),
    ],
)
def test_of_two_values_that_differ_none_is_taken(
    system: str, path: tuple[Any, ...], said: str
) -> None:
    torn = message(system, "firing")
    place: Any = torn
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = said
    heard = formats.read(torn)
    assert heard is not None

    torn_name = "environment" if "env: prod\n" in said else "service"
    assert torn_name not in heard.alerts[0].labels


def test_what_is_said_twice_is_one_alert_and_the_fuller_one() -> None:
    twice = message("pagerduty", "firing")
    link = "https://acme.pagerduty.com/incidents/Q1UEOA2CBT90GM"
    twice["text"] = f"<{link}|Triggered #123: Shop is down>"
    heard = formats.read(twice)
    assert heard is not None

    assert [one.labels.get("service") for one in heard.alerts] == ["shop"]


def test_a_link_that_somebody_wrote_into_a_value_leads_nowhere() -> None:
    forged = message("pagerduty", "firing")
    link = "https://acme.pagerduty.com/incidents/Q9FORGED00000"
    forged["attachments"] = [
        {"text": f"&lt;{link}|Resolved #1: Shop is down&gt;", "fallback": "Resolved #1: Shop"}
    ]

    assert formats.read(forged) is None


@pytest.mark.parametrize(("system", "name"), vendors.EVERY)
def test_what_a_person_posts_is_heard_by_nobody_whatever_it_looks_like(
    system: str, name: str
) -> None:
    copied = message(system, name)
    for mark in ("bot_id", "app_id", "subtype"):
        copied.pop(mark, None)
    copied["user"] = "U0SAM"
    about = {"type": "message", "subtype": "message_changed", "channel": "C0ALERTS"}
    before = message(system, name)
    edited: dict[str, Any] = {
        **about,
        "ts": "1700000100.000100",
        "message": copied,
        "previous_message": before,
    }

    assert posted.read({"type": "event_callback", "event": copied}) is None
    assert posted.read({"type": "event_callback", "event": edited}) is None


@pytest.mark.parametrize(("system", "name"), vendors.EVERY)
def test_only_the_bot_that_is_listed_for_the_channel_is_heard(system: str, name: str) -> None:
    def heard(**changes: str) -> bool:
        event = {**message(system, name), **changes}
        found = posted.read({"type": "event_callback", "event": event})
        return found is not None and LISTED.heard(found)

    assert heard()
    assert not heard(bot_id="B0OTHER", app_id="A0OTHER")
    assert not heard(channel="C0GENERAL")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value within this one."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places(one, (*path, key))


def changed(whole: dict[str, Any], path: tuple[Any, ...], junk: Any) -> dict[str, Any]:
    copy: Any = deepcopy(whole)
    place = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = junk
    made: dict[str, Any] = copy
    return made


JUNK: tuple[Any, ...] = (
    None,
    0,
    True,
    "",
    "x" * 5000,
    [],
    {},
    [[]],
    {"text": []},
    "\ud800",
    ["a"],
    {"a": None},
)


WITHOUT_ID = {"dynatrace", "datadog"}
"""Parts of these messages besides the number are part of the name: whose it is, which group."""


@pytest.mark.parametrize(("system", "name"), [one for one in vendors.EVERY if one[1] != "update"])
def test_half_a_message_is_no_error_and_never_another_alert(system: str, name: str) -> None:
    whole = formats.read(message(system, name))
    known = {one.fingerprint for one in whole.alerts} if whole else set[str]()
    for path in places(message(system, name)):
        for junk in JUNK:
            heard = formats.read(changed(message(system, name), path, junk))
            for one in heard.alerts if heard else ():
                ours = one.fingerprint in known or system in WITHOUT_ID
                assert ours, f"{path} as {junk!r} is another alert"


WORDS = st.sampled_from(
    ["Resolved", "[RESOLVED] Down", "https://acme.pagerduty.com/incidents/Q1UEOA2CBT90GM", "#1: a",
     ":rotating_light: CloudWatch Alarm | a | eu-west-1 | Account: 123456789012", "009900",
     "<https://acme.sentry.io/issues/1/|*a*>", '{"issue":[]}', "service: a\nservice: b"]
)  # fmt: skip


JUNKS = WORDS | st.text(max_size=40) | st.recursive(st.none(), st.lists, max_leaves=3)
PICKS = st.lists(st.integers(0, 500), min_size=1, max_size=4)


@settings(max_examples=300)
@given(one=st.sampled_from(vendors.EVERY), picks=PICKS, junk=JUNKS)
def test_no_mutation_of_a_message_is_an_error(
    one: tuple[str, str], picks: list[int], junk: Any
) -> None:
    mutated = message(*one)
    for pick in picks:
        if paths := list(places(mutated)):
            mutated = changed(mutated, paths[pick % len(paths)], junk)
    heard = formats.read(mutated)

    assert heard is None or all(0 < len(said.name) <= 200 for said in heard.alerts)
