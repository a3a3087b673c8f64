"""The settings HEAL_HTTP_*: which hosts plain requests may go to, and the secrets they carry."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, SecretStr, StringConstraints, model_validator

from bot.clients.addresses import Allowed
from bot.core.errors import PermanentError
from bot.core.values import Frozen
from bot.plugins import Words

PREFIX = "secret_"

SecretName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Names a setting, so that the value itself stands in no runbook, plan, log or error."""

_Value = Annotated[SecretStr, Field(min_length=1, max_length=4000)]


class HttpSettings(Frozen):
    """Shared by everything that sends plain requests; empty, it lets nothing be sent."""

    allowed_hosts: Words = Field(
        default=(),
        description="hosts that may be asked, as name, name:port or [address]:port, with commas",
    )
    secrets: dict[SecretName, _Value] = Field(
        default={}, description="bearer tokens; HEAL_HTTP_SECRET_FLAGS is the one called flags"
    )

    @model_validator(mode="before")
    @classmethod
    def _gather_secrets(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        named = {key: value for key, value in raw.items() if key.startswith(PREFIX)}
        rest = {key: value for key, value in raw.items() if key not in named}
        if any(not value.isprintable() or not value.isascii() for value in named.values()):
            raise ValueError("a HEAL_HTTP_SECRET_… holds signs that fit in no header: mend it")
        secrets = {key.removeprefix(PREFIX): value.strip() for key, value in named.items()}
        return {**rest, **({"secrets": secrets} if secrets else {})}

    @property
    def allowed(self) -> Allowed:
        return Allowed(self.allowed_hosts, "HEAL_HTTP_ALLOWED_HOSTS")

    def token(self, name: str | None) -> str:
        """The secret of that name, empty when none is named; PermanentError when it is not set."""
        if name is None:
            return ""
        if name not in self.secrets:
            raise PermanentError(
                f"there is no secret {name!r}: set HEAL_HTTP_SECRET_{name.upper()} and start again"
            )
        return self.secrets[name].get_secret_value()
