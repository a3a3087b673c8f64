"""Servers are named by settings, passwords are never shown, and redis-py is needed by few."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import plugins
from bot.clients.redis import RedisSettings, Servers
from bot.core.errors import ConfigurationError, PermanentError, TemporaryError
from tests.clients.caches import a_cache

SECRET = "hunter22"
WITHOUT = """
import sys
sys.modules["redis"] = None
from bot.plugins import Toolbox
tools = Toolbox(None, lambda system: {"url_cache": "redis://cache"})
assert "server" in tools.params("probes")["redis.memory"].model_fields
tools.probe("redis.memory")
"""


def configured(**section: str) -> RedisSettings:
    made = plugins.configure("redis", RedisSettings, section)
    assert isinstance(made, RedisSettings)
    return made


def test_a_setting_a_server() -> None:
    settings = configured(url_cache="redis://cache:6379", url_queue=" rediss://queue:6380/1\n")

    assert settings.url("cache") == "redis://cache:6379"
    assert settings.url("queue") == "rediss://queue:6380/1"


def test_without_any_server_the_start_stops() -> None:
    with pytest.raises(ConfigurationError, match=r"^HEAL_REDIS_URL_<NAME> is missing: an address"):
        configured()


def test_a_server_that_is_not_set_names_its_setting() -> None:
    with pytest.raises(PermanentError, match="set HEAL_REDIS_URL_QUEUE and start again"):
        configured(url_cache="redis://cache").url("queue")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://:{SECRET}@cache", "it must begin with one of redis://, rediss://, unix://"),
        (SECRET, "it must begin with one of"),
        (f"redis://:{SECRET}@", "it names no host"),
        ("unix://", "it names no host"),
        (f"redis://heal:{SECRET}/x@cache:6379", "as %2F and %40"),
        (f"rediss://:{SECRET}@cache?ssl_cert_reqs=none", "only db and ssl_ca_certs may stand"),
        (f"redis://:{SECRET}@cache?password={SECRET}", "only db and ssl_ca_certs may stand"),
    ],
)
def test_an_address_that_is_wrong_is_named_but_not_shown(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(url_cache=url)

    assert "HEAL_REDIS_URL_CACHE is wrong: " in str(caught.value)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


@given(st.text(max_size=40))
def test_whatever_is_set_is_taken_or_refused_in_words(text: str) -> None:
    said = ""
    try:
        configured(url_cache=text)
    except ConfigurationError as error:
        said = str(error)

    assert not said or said.startswith("HEAL_REDIS_URL_CACHE is wrong: ")


async def test_a_password_stands_in_no_settings_and_in_no_error() -> None:
    with a_cache() as cache:
        settings = configured(url_cache=f"redis://heal:{SECRET}@127.0.0.1:{cache.port}")

        with pytest.raises(PermanentError, match="cache does not let Heal in") as caught:
            async with Servers(settings).open("cache") as server:
                await server.state()

    assert SECRET not in str(caught.value) + repr(caught.value) + repr(settings)
    assert SECRET not in settings.model_dump_json()


async def test_a_server_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.clients.redis.ANSWERING", 0.1)
    with a_cache() as cache:
        settings = configured(url_cache=cache.url)
        cache.admin.client_pause(10_000)

        with pytest.raises(TemporaryError, match=r"cache gave no answer in 0\.1 s"):
            async with Servers(settings).open("cache") as server:
                await server.size()


def test_without_redis_py_nothing_but_redis_is_missing() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT], check=False, capture_output=True, text=True
    )

    assert "ConfigurationError: redis.* needs the package redis" in ended.stderr
    assert "pip install 'heal-bot[redis]', or remove the runbooks that name redis.*" in ended.stderr
