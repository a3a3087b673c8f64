"""What a runbook may ask of `http.request`: one request, what it affects, and the way back."""

from __future__ import annotations

import json
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from bot.clients.endpoints import SecretName
from bot.core.values import Frozen

LONGEST_BODY = 10_000

Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Query = Annotated[dict[str, str], Field(max_length=30)]


class Affected(Frozen):
    """What the request changes, as its author knows it: an address alone does not tell."""

    name: str = Field(
        default="", max_length=200, description="what people call it; the address unless set"
    )
    unit: str = Field(
        default="setting", min_length=1, max_length=40, description="what is counted: setting, pod"
    )
    total: int = Field(default=1, ge=1, description="how many of them there are")
    touched: int = Field(default=1, ge=0, description="how many of them the request changes")
    down_at_once: int = Field(
        default=0, ge=0, description="how many of them are away at the worst moment"
    )

    @model_validator(mode="after")
    def _no_more_than_there_are(self) -> Self:
        if max(self.touched, self.down_at_once) > self.total:
            raise ValueError(f"touched and down_at_once cannot be more than total, {self.total}")
        return self


class Snapshot(Frozen):
    """A GET made before, whose JSON is the state to go back to."""

    url: Url = Field(description="where the state stands: http or https, without a query")
    query: Query = Field(default={}, description="what follows the question mark")
    keys: tuple[str, ...] = Field(
        default=(),
        max_length=30,
        description="keep these keys of the JSON object only; leave out what changes by itself",
    )


class Rollback(Frozen):
    """The request that puts the snapshot back; sent twice it must be as if sent once."""

    method: Literal["PUT", "PATCH", "DELETE"] = Field(default="PUT", description="how to send it")
    url: Url = Field(description="where to send it: http or https, without a query")
    query: Query = Field(default={}, description="what follows the question mark")
    field: str = Field(
        default="",
        max_length=200,
        description="send this field of the snapshot (a.b for b in a); the whole unless set",
    )


class Wanted(Frozen):
    """One typed request."""

    method: Literal["PUT", "POST", "PATCH", "DELETE"] = Field(description="how to send it")
    url: Url = Field(description="where to send it: http or https, without a query")
    query: Query = Field(default={}, description="what follows the question mark")
    body: JsonValue = Field(default=None, description="the JSON to send; nothing unless set")
    expect_status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = Field(
        default=(), description="the answers that mean it is done; any 2xx unless set"
    )
    snapshot: Snapshot | None = Field(
        default=None, description="the read that captures the state to go back to"
    )
    rollback: Rollback | None = Field(
        default=None, description="the request that puts the snapshot back"
    )
    secret: SecretName | None = Field(
        default=None, description="the name of a bearer token: flags is HEAL_HTTP_SECRET_FLAGS"
    )
    target: Affected = Field(default=Affected(), description="what is changed, and how much of it")

    @model_validator(mode="after")
    def _can_be_sent(self) -> Self:
        if self.rollback is not None and self.snapshot is None:
            raise ValueError("rollback needs a snapshot: say where the state to go back to is read")
        if len(json.dumps(self.body, allow_nan=False)) > LONGEST_BODY:
            raise ValueError(f"body is longer than {LONGEST_BODY} characters of JSON")
        return self

    def is_done(self, status: int) -> bool:
        """Tell whether this answer means that it was done."""
        return status in self.expect_status if self.expect_status else 200 <= status < 300
