"""Where pages are reached is named exactly, and never where others could read along."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.app.pages import links_of
from bot.core import links
from bot.rehearsal import stage
from bot.settings import Settings
from bot.web.pages.settings import PagesSettings, PublicSettings

TOKENS = {"SLACK_BOT_TOKEN": stage.LOCAL.bot_token, "SLACK_APP_TOKEN": stage.LOCAL.app_token}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://heal.example.org", "https://heal.example.org"),
        ("https://Heal.Example.org:8443/", "https://heal.example.org:8443"),
        ("http://127.0.0.1:3001", "http://127.0.0.1:3001"),
        ("http://localhost:3001", "http://localhost:3001"),
        ("", ""),
    ],
)
def test_an_address_is_a_host_and_tls_but_on_this_machine(given: str, kept: str) -> None:
    assert PublicSettings(url=given).url == kept


@pytest.mark.parametrize(
    "given",
    [
        "http://heal.example.org",
        "http://localhost.example.org",
        "https://heal.example.org/pages",
        "https://somebody@heal.example.org",
        "https://heal.example.org?x",
        "heal.example.org",
        "javascript:alert(1)",
    ],
)
def test_any_other_address_is_refused(given: str) -> None:
    with pytest.raises(ValidationError):
        PublicSettings(url=given)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="32 characters"):
        PagesSettings.model_validate({"key": "short"})


def test_without_an_address_there_are_no_pages_and_no_links() -> None:
    assert links_of(Settings.model_validate(TOKENS), lambda _: {}) == links.Links()


def test_the_key_is_made_of_the_bots_token_unless_one_is_set() -> None:
    told = {"public": {"url": "https://heal.example.org"}}
    made = links_of(Settings.model_validate(TOKENS), lambda name: told.get(name, {}))
    own = {**told, "pages": {"key": "k" * 32}}
    set_ = links_of(Settings.model_validate(TOKENS), lambda name: own.get(name, {}))

    assert made == links.Links("https://heal.example.org", links.key_of(stage.LOCAL.bot_token))
    assert set_.key == links.key_of("k" * 32)
