"""The pages for people in a browser, as the settings want them: none unless they say where."""

from __future__ import annotations

from bot.app import sections
from bot.core import links
from bot.core.links import Links
from bot.plugins import Sections
from bot.settings import Settings
from bot.web.pages.settings import PagesSettings, PublicSettings


def links_of(settings: Settings, given: Sections) -> Links:
    """Where they are and what signs; ConfigurationError when a setting is wrong."""
    told = sections.read("pages", PagesSettings, given)
    secret = told.key.get_secret_value().strip() or settings.slack_bot_token.get_secret_value()
    url = sections.read("public", PublicSettings, given).url
    return Links(url, links.key_of(secret.strip())) if url else Links()
