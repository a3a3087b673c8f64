"""A source is open when its sender can prove to be it, and never by half a setting."""

from __future__ import annotations

import pytest

from bot.app import doors
from bot.core.errors import ConfigurationError
from bot.plugins import Toolbox
from tests.fakes import FakeSource


def toolbox(**given: str) -> Toolbox:
    return Toolbox(None, lambda system: given if system == "alertmanager" else {})


def test_a_source_without_settings_stays_shut() -> None:
    assert doors.alert_doors(toolbox()) == {}


def test_a_source_with_a_secret_is_open() -> None:
    assert list(doors.alert_doors(toolbox(webhook_token="t"))) == ["alertmanager"]


def test_an_empty_secret_opens_nothing() -> None:
    assert doors.alert_doors(toolbox(webhook_token=" ")) == {}


def test_settings_without_a_secret_stop_the_start() -> None:
    with pytest.raises(
        ConfigurationError, match="_WEBHOOK_ADDRESSES is set and nothing that opens"
    ):
        doors.alert_doors(toolbox(webhook_addresses="192.0.2.1"))


def test_a_slip_is_named_as_it_is_written() -> None:
    with pytest.raises(ConfigurationError, match="HEAL_ALERTMANAGER_WEBHOOK_TOKN"):
        doors.alert_doors(toolbox(webhook_tokn="t"))


def test_how_it_is_asked_is_no_setting_of_its_door() -> None:
    assert doors.alert_doors(toolbox(url="http://am:9093", api_token="x")) == {}


def test_two_sources_never_share_an_address() -> None:
    one, other = FakeSource(), FakeSource()
    one.paths = other.paths = ("/webhook",)

    assert doors.paths({"one": one}) == {"/webhook": "one"}
    with pytest.raises(ConfigurationError, match="/webhook is an address of one and of other"):
        doors.paths({"one": one, "other": other})


def test_topics_that_are_missing_are_asked_for_by_their_own_name() -> None:
    tools = Toolbox(None, lambda _: {"webhook_basic": "amazon:secret"})

    with pytest.raises(ConfigurationError, match=r"_BASIC is set .*set \w+CLOUDWATCH\w+TOPICS$"):
        doors.door(tools, "cloudwatch")
