"""Any JSON, by mappings that say in CEL what of it is an alert; Prometheus-style without one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue, TypeAdapter

from bot.clients import senders
from bot.clients.senders import Sender, SignedSettings
from bot.core.alert import Alert
from bot.core.errors import AlertRejected, ConfigurationError
from bot.core.mapping import PROMETHEUS, AlertMapping
from bot.core.posted import Posted

LARGEST = 1 << 20
"""Octets, as at the door: CEL is handed all of it, which costs more than to parse it."""
_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)


class GenericSettings(SignedSettings):
    """Where the mappings lie, and where a signature stands."""

    mappings: Path | None = Field(
        default=None,
        description="a folder of mappings, or one file: runbooks/sources; read at the start",
    )
    signature: str = Field(
        default="X-Hub-Signature-256",
        description="the header with the HMAC-SHA256 of the body in hex, also after sha256=",
    )


class Generic(Sender):
    """The first mapping whose `when` holds reads a message, in the order of their files."""

    name = "generic"
    config = GenericSettings

    def __init__(self, config: GenericSettings, rig: Any = None) -> None:
        super().__init__(config, rig)
        self._secrets = senders.live(config.secret)
        self._signature = config.signature.strip().lower()
        own = rig.files(config.mappings, AlertMapping) if config.mappings else ()
        self._mappings: tuple[AlertMapping, ...] = (*own, PROMETHEUS)
        for name, times in Counter(one.mapping for one in self._mappings).items():
            if times > 1:
                raise ConfigurationError(
                    f"HEAL_GENERIC_WEBHOOK_MAPPINGS: {times} mappings are called {name!r}, and "
                    f"{PROMETHEUS.mapping!r} is Heal's own: rename one of them"
                )

    def unsigned(self, posted: Posted) -> str:
        if not self._secrets:
            return ""
        given = posted.headers.get(self._signature, "").removeprefix("sha256=")
        right = senders.signed(posted.body, [given], self._secrets)
        return "" if right else "its signature is missing or wrong"

    def parse(self, posted: Posted) -> list[Alert]:
        if len(posted.body) > LARGEST:
            raise AlertRejected(f"the body is larger than {LARGEST} bytes", 413)
        try:
            body = _JSON.validate_json(posted.body)
        except ValueError:
            raise AlertRejected("the body is not JSON") from None
        for mapping in self._mappings:
            if mapping.holds(body):
                return mapping.read(body, self.name, posted.at)
        tried = ", ".join(one.mapping for one in self._mappings)
        raise AlertRejected(f"no mapping reads it: `when` holds in none of {tried}")


PLUGIN = Generic
