"""What is kept to be looked at, beside the entries: graphs, logs, tables."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.core.facts.fact import Fact


class Exhibited(Fact):
    """Contents lie beside the ledger, which proves them by their hash; all of it is redacted."""

    kind: Literal["evidence.kept"] = "evidence.kept"
    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,99}$", description="of the file; once in an incident"
    )
    media: str = Field(description="the media type, such as image/png")
    title: str
    says: str = Field(description="what can be seen in it, for those who do not see it")
    about: str = Field(default="", description="the probe, step or log that it is of")
    size: int = Field(description="octets")
    sha256: str
