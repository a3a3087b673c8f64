"""Who is told that a service recovered, as the settings name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot import plugins
from bot.clients.gateways import ANY, RecoverySettings, RecoveryWebhook
from bot.core.incident import Incident
from bot.engine.signalling import Signalling

if TYPE_CHECKING:
    from bot.app.companions import Joined


async def begin(joined: Joined) -> None:
    """Begin to tell them; ConfigurationError when a setting is wrong, nothing when none is set."""
    given = {name: text for name, text in joined.sections("recovery").items() if text.strip()}
    settings = plugins.configure("recovery", RecoverySettings, given)
    if not isinstance(settings, RecoverySettings) or not settings.webhook_url:
        return
    wanted = frozenset(settings.webhook_sources)

    def of(incident: Incident) -> bool:
        alert = incident.opened.alert
        return ANY in wanted or (alert is not None and alert.source in wanted)

    Signalling(joined.world, RecoveryWebhook(settings, joined.client).post, of).begin()
