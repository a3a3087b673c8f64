"""Alertmanager is believed where it was asked; a text alone begins nothing without a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.core.alert import Alert, AlertStatus
from bot.core.labels import CONFIRMED_BY
from bot.ports import Known
from bot.slack.alerts import formats, settling
from tests import builders
from tests.slack.alerts import messages

PLACE = "http://am:9093"
AT = builders.START + timedelta(minutes=3)


def real(pod: str = "a", **changes: Any) -> Alert:
    """An alert as Alertmanager told of it."""
    labels = {"alertname": "CrashLoop", "service": "shop", "pod": pod}
    told = {"name": "CrashLoop", "fingerprint": pod, "labels": labels,
            "annotations": {CONFIRMED_BY: PLACE}, "source": settling.SOURCE}  # fmt: skip
    return builders.an_alert(**(told | changes))


def settled(
    message: dict[str, Any], held: list[Known] | None, firing: tuple[Alert, ...] = (),
    place: str = PLACE,
) -> list[tuple[str, str]]:  # fmt: skip
    """The fingerprint and status of each alert that a message begins or ends."""
    told = formats.read(message)
    assert told is not None
    found = settling.settle(told, place, held, firing, AT)
    return [(alert.fingerprint, alert.status.value) for alert in found]


FIRES = messages.default("[FIRING:2] CrashLoop shop (critical)")
OVER = messages.default("[RESOLVED] CrashLoop shop (critical)")


def test_a_group_begins_every_alert_that_alertmanager_holds_for_it() -> None:
    other = real("c", labels={"alertname": "CrashLoop", "service": "web"})
    held = [Known(one, active=True) for one in (real("a"), real("b"), other)]

    assert settled(FIRES, held) == [("a", "firing"), ("b", "firing")]


def test_what_is_silenced_begins_nothing_and_is_not_over_either() -> None:
    held = [Known(real("a"), active=False), Known(real("b"), active=True)]

    assert settled(FIRES, held, (real("a"),)) == [("b", "firing")]


def test_what_alertmanager_holds_no_more_is_over_while_the_rest_fires() -> None:
    held = [Known(real("b"), active=True)]

    assert settled(FIRES, held, (real("a"), real("b"))) == [("a", "resolved"), ("b", "firing")]


def test_an_end_is_not_believed_of_what_alertmanager_still_holds() -> None:
    held = [Known(real("a"), active=True)]

    assert settled(OVER, held, (real("a"), real("b"))) == [("b", "resolved"), ("a", "firing")]


def test_what_its_system_says_is_over_ends_and_begins_nothing_whatever_the_message_says() -> None:
    gone = Known(real("a", status=AlertStatus.RESOLVED), active=False)

    assert settled(FIRES, [gone], (real("a"),)) == [("a", "resolved")]
    assert settled(FIRES, [gone]) == []


def test_an_end_that_alertmanager_confirms_ends_all() -> None:
    assert settled(OVER, [], (real("a"), real("b"))) == [("a", "resolved"), ("b", "resolved")]


def test_an_end_concerns_its_own_group_and_its_own_alertmanager() -> None:
    of_web = real("c", labels={"alertname": "CrashLoop", "service": "web"})
    elsewhere = real("d", annotations={CONFIRMED_BY: "http://other:9093"})

    assert settled(OVER, [], (of_web, elsewhere)) == []
    assert settled(OVER, None, (of_web, elsewhere)) == []


def test_an_alertmanager_that_does_not_answer_does_not_keep_an_end_from_being_heard() -> None:
    assert settled(OVER, None, (real("a"),)) == [("a", "resolved")]


def test_what_nobody_confirms_has_no_confidence_and_says_so() -> None:
    told = formats.read(messages.listing("FIRING:2", "a", "b"))
    assert told is not None
    first, second = settling.settle(told, "", None, (), AT)

    assert {alert.confidence for alert in (first, second)} == {0.0}
    assert (first.labels["pod"], second.labels["pod"]) == ("a", "b")
    assert first.annotations["unconfirmed"] == settling.UNCONFIRMED
    assert (first.starts_at, first.source) == (AT, "slack_channel")


def test_an_alertmanager_that_knows_nothing_of_it_costs_the_confidence_and_not_the_alert() -> None:
    ((name, status),) = settled(FIRES, [])

    assert (name.startswith("text-"), status) == (True, "firing")


def test_what_began_as_text_ends_as_text_and_when_alertmanager_confirms_it() -> None:
    told = formats.read(FIRES)
    assert told is not None
    (text,) = settling.settle(told, "", None, (), AT)

    assert settled(OVER, None, (text,)) == [(text.fingerprint, "resolved")]
    assert settled(OVER, [], (text,)) == [(text.fingerprint, "resolved")]
    assert settled(FIRES, [Known(real("a"), active=True)], (text,)) == [
        (text.fingerprint, "resolved"), ("a", "firing"),
    ]  # fmt: skip


def test_the_labels_of_a_text_name_it_as_alertmanager_itself_does() -> None:
    told = formats.read(messages.listing("FIRING:1", "a"))
    assert told is not None
    (alert,) = settling.settle(told, "", None, (), AT)
    labels = {"alertname": "CrashLoop", "pod": "a", "service": "shop"}

    assert (alert.labels, alert.fingerprint) == (labels, "4900b60dbf3f66b6")


def test_a_text_cannot_say_that_it_was_confirmed() -> None:
    text = f"**Firing**\n{messages.one()}".replace("summary =", f"{CONFIRMED_BY} =")
    told = formats.read(messages.grafana("FIRING:1", text))
    assert told is not None
    (alert,) = settling.settle(told, "", None, (), AT)

    assert CONFIRMED_BY not in alert.annotations


def test_an_end_is_never_before_its_beginning() -> None:
    told = formats.read(OVER)
    assert told is not None
    late = real("a", starts_at=AT + timedelta(hours=1))
    (ended,) = settling.settle(told, PLACE, [], (late,), AT)

    assert (ended.status, ended.ends_at) == (AlertStatus.RESOLVED, late.starts_at)
