"""Any JSON becomes alerts as a mapping says, and what a mapping cannot tell is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.catalog import written
from bot.clients import commands
from bot.clients.rig import Rig
from bot.core import labels
from bot.core.alert import Alert, AlertStatus, Severity
from bot.core.errors import AlertRejected, ConfigurationError
from bot.core.posted import Posted
from bot.sources.generic import PLUGIN, GenericSettings
from tests.fakes import FakeClock
from tests.rules import house

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
SHIPPED = house.ROOT / "runbooks" / "sources"
BOOK = """\
mapping: bells
when: has(body.bells)
alerts: body.bells
skip: item.state == 'muted'
name: item.what
fingerprint: item.id
firing: "{'rings': true, 'still': false}[item.state]"
severity: item.loud
starts_at: item.at
labels:
  service: item.app
  environment: "'prod'"
  floor: item.floor
annotations:
  summary: "item.what + ' at door ' + string(item.id)"
"""
BELL: dict[str, Any] = {
    "id": 7,
    "what": "SomebodyRings",
    "state": "rings",
    "loud": "critical",
    "at": "2026-11-20T18:28:00Z",
    "app": "shop",
    "floor": 3,
}


@pytest.fixture
def rig() -> Rig:
    return Rig(httpx.AsyncClient(), FakeClock(NOW), commands.Commands({}), written.read)


def posted(said: Any, **headers: str) -> Posted:
    return Posted(headers, said if isinstance(said, bytes) else json.dumps(said).encode(), NOW)


def taught(rig: Rig, folder: Path, text: str = BOOK, file: str = "bells.yaml") -> PLUGIN:
    (folder / file).write_text(text)
    return PLUGIN(GenericSettings(mappings=folder), rig)


def plain(said: Any) -> list[Alert]:
    return PLUGIN(GenericSettings()).read(posted(said))


def sample(name: str, **changed: Any) -> Any:
    read = json.loads((PAYLOADS / f"generic_{name}.json").read_text())
    return {**read, **changed} if isinstance(read, dict) else read


def test_without_a_mapping_an_alert_is_read_as_prometheus_would_write_it() -> None:
    told = sample("firing")["labels"]

    assert plain(sample("firing")) == [
        Alert(
            source="generic",
            name="ServiceDown",
            fingerprint=labels.fingerprint(told),
            status=AlertStatus.FIRING,
            severity=Severity.CRITICAL,
            labels=told,
            annotations={"summary": "shop is down on web-1", "description": "no answer for 30 s"},
            starts_at=datetime(2026, 11, 20, 18, 28, 2, 763000, tzinfo=UTC),
            link="https://checks.example/shop",
        )
    ]


@pytest.mark.parametrize(
    "around", [lambda one: one, lambda one: [one], lambda one: {"alerts": [one]}]
)
def test_one_a_list_and_a_group_are_read_alike(around: Any) -> None:
    assert plain(around(sample("firing"))) == plain(sample("firing"))


def test_two_alerts_of_one_service_are_told_apart_by_their_names_alone(
    rig: Rig, tmp_path: Path
) -> None:
    """Else what is over of one would end the other."""
    door = taught(rig, tmp_path, BOOK.replace("fingerprint: item.id\n", ""))
    rings, still = {**BELL}, {**BELL, "what": "SomebodyKnocks", "state": "still"}

    begun, over, again = door.read(posted({"bells": [rings, still, {**rings, "state": "still"}]}))

    assert begun.fingerprint != over.fingerprint
    assert begun.fingerprint == again.fingerprint


def test_an_alert_that_is_over_is_the_same_one_and_what_has_no_start_begins_as_it_comes() -> None:
    [began], [over, other] = plain(sample("firing")), plain(sample("list"))

    assert began.fingerprint == over.fingerprint
    assert (over.status, over.ends_at) == (
        AlertStatus.RESOLVED,
        datetime(2026, 11, 20, 18, 40, tzinfo=UTC),
    )
    assert other.starts_at == NOW


@pytest.mark.parametrize("status", ["", "Firing", "ok", "pending", None, 1, True])
def test_a_status_that_nobody_knows_is_neither_firing_nor_over(status: Any) -> None:
    with pytest.raises(AlertRejected, match="the mapping prometheus: firing has no value"):
        plain(sample("firing", status=status))


@pytest.mark.parametrize(
    "starts", ["yesterday", "2026-11-20T18:28:00", 17, [], '"', "0001-01-01T00:00:00Z"]
)
def test_a_time_that_is_none_is_refused(starts: Any) -> None:
    with pytest.raises(AlertRejected, match="time"):
        plain(sample("firing", startsAt=starts))


@pytest.mark.parametrize("since", [1795199282, 1795199282000, 1795199282.4])
def test_seconds_and_milliseconds_since_1970_are_times(since: float) -> None:
    [alert] = plain(sample("firing", startsAt=since))

    assert alert.starts_at.replace(microsecond=0) == datetime(2026, 11, 20, 18, 28, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"{", b"[" * 5000, b"7", b"null", b'{"a": 1}', b'[{"labels": {}}]']
)
def test_what_no_mapping_knows_is_refused_with_what_was_tried(body: bytes) -> None:
    with pytest.raises(AlertRejected, match=r"not JSON|holds in none of prometheus$") as refused:
        plain(body)

    assert refused.value.status == 422


def test_a_thousand_alerts_at_once_are_enough() -> None:
    with pytest.raises(AlertRejected, match="more than 1000 alerts") as refused:
        plain([sample("firing")] * 1001)

    assert refused.value.status == 413


def test_more_than_a_door_takes_is_not_handed_to_cel() -> None:
    with pytest.raises(AlertRejected, match="larger than") as refused:
        plain(b"[" + b" " * (1 << 20) + b"]")

    assert refused.value.status == 413


def test_a_mapping_says_what_each_field_is(rig: Rig, tmp_path: Path) -> None:
    [alert] = taught(rig, tmp_path).read(posted({"bells": [BELL]}))

    assert alert == Alert(
        source="generic",
        name="SomebodyRings",
        fingerprint=labels.named("bells", "7"),
        status=AlertStatus.FIRING,
        severity=Severity.CRITICAL,
        labels={"service": "shop", "environment": "prod", "floor": "3"},
        annotations={"summary": "SomebodyRings at door 7"},
        starts_at=datetime(2026, 11, 20, 18, 28, tzinfo=UTC),
    )


def test_each_item_is_an_alert_unless_it_is_skipped(rig: Rig, tmp_path: Path) -> None:
    bells = [BELL, {**BELL, "id": 8, "state": "still"}, {**BELL, "id": 9, "state": "muted"}]

    found = taught(rig, tmp_path).read(posted({"bells": bells}))

    assert [one.firing for one in found] == [True, False]


def test_a_label_without_a_value_is_left_out_and_nothing_is_guessed(
    rig: Rig, tmp_path: Path
) -> None:
    bare = {name: value for name, value in BELL.items() if name not in {"app", "floor"}}

    [alert] = taught(rig, tmp_path).read(posted({"bells": [bare]}))

    assert alert.labels == {"environment": "prod"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": None}, "fingerprint is neither"),
        ({"id": True}, "fingerprint is neither"),
        ({"id": ""}, "fingerprint is neither"),
        ({"id": 1.5}, "fingerprint is neither"),
        ({"what": 3}, "name is no text"),
        ({"what": " "}, "has no name"),
        ({"state": "broken"}, "firing has no value here"),
        ({"loud": 9}, "severity is no text"),
        ({"at": "noon"}, "starts_at is no time"),
    ],
)
def test_what_lost_its_identity_is_refused_by_the_field(
    rig: Rig, tmp_path: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(AlertRejected, match=said) as refused:
        taught(rig, tmp_path).read(posted({"bells": [{**BELL, **changed}]}))

    assert refused.value.status == 422


def test_an_expression_that_finds_no_list_is_refused(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(AlertRejected, match="the mapping bells: alerts is no list"):
        taught(rig, tmp_path).read(posted({"bells": {"one": BELL}}))


def test_the_first_mapping_that_holds_reads_it(rig: Rig, tmp_path: Path) -> None:
    any_ = BOOK.replace("mapping: bells", "mapping: other").replace("has(body.bells)", '"true"')
    taught(rig, tmp_path, any_, "z.yaml")
    door = taught(rig, tmp_path, BOOK, "a.yaml")

    assert [one.fingerprint for one in door.read(posted({"bells": [BELL]}))] == [
        labels.named("bells", "7")
    ]


def test_what_is_tried_is_told_in_order(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(AlertRejected, match="none of bells, prometheus"):
        taught(rig, tmp_path).read(posted({"horns": []}))


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("name: item.what", "name: itm.what", 5, "name: .*itm"),
        ("name: item.what", "name: body.what", 5, "name: .*body"),
        ("skip: item.state == 'muted'", "skip: \"'muted'\"", 4, "not true or false"),
        ("  floor: item.floor", "  floor: item.", 13, "labels.floor"),
        ("severity:", "severty:", 8, "severty.*severity"),
        ("when: has(body.bells)\n", "", 1, "when is missing|'when' is missing"),
        ("mapping: bells", "mapping: Bells!", 1, "mapping"),
    ],
)
def test_a_mapping_that_is_wrong_stops_the_start_with_its_line(
    rig: Rig, tmp_path: Path, old: str, new: str, line: int, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"bells.yaml:{line}: .*({said})"):
        taught(rig, tmp_path, BOOK.replace(old, new))


def test_two_mappings_of_one_name_stop_the_start(rig: Rig, tmp_path: Path) -> None:
    taught(rig, tmp_path)

    with pytest.raises(ConfigurationError, match="2 mappings are called 'bells'"):
        taught(rig, tmp_path, BOOK, "again.yaml")


def test_a_place_without_mappings_stops_the_start(rig: Rig, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no file ending in \.yaml"):
        PLUGIN(GenericSettings(mappings=tmp_path), rig)
    with pytest.raises(ConfigurationError, match="not a file"):
        PLUGIN(GenericSettings(mappings=tmp_path / "none.yaml"), rig)


def test_the_mapping_that_is_shipped_reads_what_statuspage_posts(rig: Rig) -> None:
    incident = {
        "id": "lbkhbwn21v5q",
        "name": "The shop is slow",
        "status": "investigating",
        "impact": "major",
        "created_at": "2026-11-20T18:28:00.000Z",
        "resolved_at": None,
        "shortlink": "https://stspg.example/lbkh",
        "incident_updates": [{"body": "We are looking."}],
        "components": [{"name": "shop"}],
        "scheduled_for": None,
    }
    door = PLUGIN(GenericSettings(mappings=SHIPPED), rig)

    [alert] = door.read(posted({"page": {"id": "j2mfxwj97wnj"}, "incident": incident}))
    [over] = door.read(
        posted({"page": {"id": "j2mfxwj97wnj"}, "incident": {**incident, "status": "resolved"}})
    )

    assert (alert.service, alert.environment, alert.severity) == ("shop", "prod", "critical")
    assert (alert.summary, alert.link) == ("The shop is slow", "https://stspg.example/lbkh")
    assert (over.fingerprint, over.firing) == (alert.fingerprint, False)


def test_a_signature_is_asked_for_where_a_secret_is_set() -> None:
    door = PLUGIN(GenericSettings(secret="quiet,loud"))
    body = b'{"status": "firing"}'
    right = hmac.new(b"loud", body, hashlib.sha256).hexdigest()

    assert door.unsigned(posted(body, **{"x-hub-signature-256": f"sha256={right}"})) == ""
    assert door.unsigned(posted(body, **{"x-hub-signature-256": right})) == ""
    assert door.unsigned(posted(body + b" ", **{"x-hub-signature-256": right}))
    assert door.unsigned(posted(body))
