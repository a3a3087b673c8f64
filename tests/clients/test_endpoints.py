"""HEAL_HTTP_*: hosts and secrets, where a secret is known by its name alone."""

from __future__ import annotations

import pytest

from bot import plugins
from bot.clients.endpoints import HttpSettings
from bot.core.errors import ConfigurationError, PermanentError


def settings(**section: str) -> HttpSettings:
    made = plugins.configure("http", HttpSettings, section)
    assert isinstance(made, HttpSettings)
    return made


def test_each_secret_is_a_setting_of_its_own() -> None:
    made = settings(allowed_hosts="flags", secret_flags="one ", secret_pool="two")

    assert (made.token("flags"), made.token("pool"), made.token(None)) == ("one", "two", "")


def test_nothing_may_be_asked_unless_it_is_set() -> None:
    with pytest.raises(PermanentError, match="HEAL_HTTP_ALLOWED_HOSTS"):
        settings().allowed.check("http://flags/")


@pytest.mark.parametrize("value", ["a\nb", "é", "a\0"])
def test_a_secret_that_fits_in_no_header_stops_the_start(value: str) -> None:
    with pytest.raises(ConfigurationError, match="HEAL_HTTP_SECRET_… holds signs") as caught:
        settings(secret_flags=value)

    assert value not in str(caught.value)


def test_an_empty_secret_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match="HEAL_HTTP_SECRETS is wrong"):
        settings(secret_flags="")


def test_a_misspelt_setting_is_answered_with_the_right_one() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'HEAL_HTTP_ALLOWED_HOSTS'"):
        settings(alowed_hosts="flags")
