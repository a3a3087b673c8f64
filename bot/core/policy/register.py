"""Register: the services that policy knows, as `policy/services.yaml` lists them."""

from __future__ import annotations

from collections import Counter
from typing import Self

from pydantic import Field, field_validator, model_validator

from bot.core import values
from bot.core.catalogue import Service
from bot.core.values import Frozen


class Register(Frozen):
    """Every service once per environment; what is not here is never healed."""

    services: tuple[Service, ...] = Field(default=(), description="one entry a service")

    @field_validator("services")
    @classmethod
    def _pared(cls, services: tuple[Service, ...]) -> tuple[Service, ...]:
        """They may be thousands, and stay."""
        return tuple(values.pare(service, vars(service)) for service in services)

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        counted = Counter((service.name, service.environment) for service in self.services)
        for (name, environment), times in counted.items():
            if times > 1:
                raise ValueError(
                    f"{name} in {environment} is listed {times} times: keep one entry of it"
                )
        return self

    def find(self, name: str, environment: str) -> Service | None:
        """Return exactly this service in exactly this environment, or nothing."""
        named = (name, environment)
        return next((s for s in self.services if (s.name, s.environment) == named), None)
