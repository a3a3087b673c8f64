"""What N-central posts becomes an alert; XML that could grow is refused before it is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.alert import Alert, Severity
from bot.core.errors import AlertRejected, ConfigurationError
from bot.core.posted import Posted
from bot.plugins import configure
from bot.sources import nable
from bot.sources.nable import PLUGIN, NableSettings

NOW = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)
PAYLOADS = Path(__file__).parent / "payloads"
FAILED = (PAYLOADS / "nable_failed.xml").read_bytes()
BOMB = b'<!DOCTYPE notification [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def parsed(body: bytes, zone: str = "UTC") -> list[Alert]:
    return PLUGIN(NableSettings(zone=zone)).read(Posted({}, body, NOW))


def file(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def test_a_service_that_failed_is_an_alert_of_its_device() -> None:
    [alert] = parsed(FAILED)

    assert (alert.name, alert.severity, alert.firing) == ("CPU", Severity.CRITICAL, True)
    assert (alert.service, alert.environment) == ("shop", "prod")
    assert alert.summary == "CPU of web-1 is failed"
    assert alert.annotations["description"].startswith("CPU Usage: 98.00 %\nTop")
    assert alert.labels["customer"] == "Shop > Berlin"
    assert alert.starts_at == datetime(2026, 11, 20, 18, 28, 2, tzinfo=UTC)


def test_xml_and_json_speak_of_the_same_alert_and_normal_is_its_end() -> None:
    [failed], [warned] = parsed(FAILED), parsed(file("nable_warning.json"))
    [over] = parsed(file("nable_normal.xml"))

    assert {failed.fingerprint} == {warned.fingerprint, over.fingerprint}
    assert (warned.severity, over.firing) == (Severity.WARNING, False)
    assert over.ends_at == datetime(2026, 11, 20, 18, 40, 11, tzinfo=UTC)


@pytest.mark.parametrize("state", ["No Data", "Stale", "Misconfigured", "Disconnected"])
def test_what_nobody_sees_neither_begins_nor_ends_anything(state: str) -> None:
    assert parsed(FAILED.replace(b">Failed<", f">{state}<".encode())) == []


def test_its_clock_is_read_in_its_zone() -> None:
    [alert] = parsed(FAILED, "Europe/Berlin")

    assert alert.starts_at == datetime(2026, 11, 20, 17, 28, 2, tzinfo=UTC)


def test_a_zone_that_nobody_knows_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="HEAL_NABLE_WEBHOOK_ZONE is wrong"):
        configure("nable_webhook", NableSettings, {"zone": "Mars/Olympus"})


def test_properties_that_contradict_each_other_leave_no_service() -> None:
    other = b'<CustomerProperty parameter="service">till</CustomerProperty></notification>'

    [alert] = parsed(FAILED.replace(b"</notification>", other))

    assert alert.service == ""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (FAILED.replace(b"<notification>", BOMB + b"<notification>"), "document type"),
        (FAILED.replace(b"<notification>", b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><notification>"),
         "document type"),
        (FAILED.replace(b"notification>", b"rumour>"), "no <notification>"),
        (FAILED.replace(b"<TaskIdent/>", b"<TaskIdent><x/></TaskIdent>"), "too much"),
        (FAILED.replace(b"<TaskIdent/>", b"<X/>" * 600), "too much"),
        (FAILED.replace(b"<TaskIdent/>", b"<DeviceName>b</DeviceName>"), "twice"),
        (FAILED.replace(b">Failed<", b">Sleepy<"), "QualitativeNewState"),
        (FAILED.replace(b">2026-11-20 18:28:02<", b">soon<"), "TimeOfStateChange"),
        (FAILED.replace(b"<DeviceName>web-1</DeviceName>", b""), "DeviceName"),
        (FAILED.replace(b"CPU</Aff", b"&x;</Aff"), "not XML"),
        (b"<", "not XML"),
        (b"", "not JSON"),
        (json.dumps({"DeviceName": ["x"]}).encode(), "DeviceName"),
    ],
)  # fmt: skip
def test_what_is_no_notification_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(AlertRejected, match=said) as refused:
        parsed(body)

    assert refused.value.status == 422


class Counting(nable._Reader):
    """Counts how often a text is added to."""

    def __init__(self) -> None:
        super().__init__()
        self.times = 0

    def _text(self, text: str) -> None:
        self.times += 1
        super()._text(text)


def test_a_text_of_many_lines_is_not_copied_for_each_of_them() -> None:
    reader, lines = Counting(), "a\n" * 100_000

    said = reader.read(f"<notification><DeviceName>{lines}</DeviceName></notification>".encode())

    assert said.keywords["DeviceName"] == lines.strip()
    assert reader.times < 100
