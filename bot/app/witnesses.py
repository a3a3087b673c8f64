"""Who is asked whether an alert that a channel tells of is so."""

from __future__ import annotations

import httpx

from bot import ports
from bot.clients import alertmanager, pagerduty, paging
from bot.plugins import Toolbox
from bot.settings import Settings
from bot.slack.alerts.settling import SOURCE


def joined(
    settings: Settings, toolbox: Toolbox, client: httpx.AsyncClient
) -> tuple[ports.Witness, ...]:
    """Everybody who can be asked; ConfigurationError when a setting of one is wrong."""
    token = settings.alertmanager_api_token.get_secret_value()
    places = alertmanager.Places(settings.alertmanager_url)
    asked = toolbox.settings(pagerduty.SYSTEM, paging.PagerdutySettings)
    return (
        alertmanager.Api(client, places, token, SOURCE),
        pagerduty.Incidents(pagerduty.Api(asked, client), SOURCE),
    )
