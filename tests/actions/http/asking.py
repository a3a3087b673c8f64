"""The request that most tests ask for, against a server on loopback."""

from __future__ import annotations

from typing import Any

from bot.actions.http.request import PLUGIN
from tests.clients.servers import Recorder

SECRET = "hunter2-hunter2"


def wanted(server: Recorder, **changes: Any) -> Any:
    """Set the size of the pool to 50, with a snapshot of the size and the way back."""
    url = server.url("/pool")
    return PLUGIN.params.model_validate(
        {
            "method": "PATCH",
            "url": url,
            "body": {"size": 50},
            "snapshot": {"url": url, "keys": ["size"]},
            "rollback": {"method": "PATCH", "url": url},
        }
        | changes
    )
