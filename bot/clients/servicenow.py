"""ServiceNow's REST API: how it is asked and written to, and what it refuses."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar

import httpx
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from bot.clients import addresses, http
from bot.clients.http import Answer
from bot.core import recurrence
from bot.core.errors import PermanentError, TemporaryError
from bot.plugins import Words

T = TypeVar("T")
SYSTEM = "servicenow"
WITHIN = 20.0
"""Seconds for one request: an instance that sleeps is slow, and no run waits for it."""
OPERATORS = ("LIKE", "<=", ">=", "ISEMPTY", "ISNOTEMPTY")
REST = 60.0
"""Seconds before a password that was refused is tried again: people mend that."""
NUMBER = re.compile(r"INC\d{5,20}")


def _safe(text: str) -> str:
    if not text:
        return text
    try:
        url = addresses.plain(text)
    except PermanentError as error:
        raise ValueError(str(error)) from None
    if url.scheme != "https" and not addresses.here(url.host):
        raise ValueError("it is not https, so anybody on the way could read the password")
    return text.rstrip("/")


def _zone(text: str) -> str:
    return recurrence.zone(text).key if text else text


class ServicenowSettings(BaseModel):
    """How ServiceNow is asked, and what is written there: HEAL_SERVICENOW_…."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: Annotated[str, AfterValidator(_safe)] = Field(
        default="", description="the https address of the instance: https://acme.service-now.com"
    )
    user: str = Field(default="", max_length=200, description="the user that Heal is there")
    password: SecretStr = Field(
        default=SecretStr(""), description="its password, for Basic; best by its file"
    )
    token: SecretStr = Field(
        default=SecretStr(""), description="an OAuth access token, instead of user and password"
    )
    open_for: Words = Field(
        default=(),
        description="severities for which an incident is opened when an alert names none, with "
        "commas: critical,warning; empty = none is ever opened",
    )
    caller: str = Field(
        default="", max_length=200, description="the caller of incidents that Heal opens: a user"
    )
    group: str = Field(
        default="", max_length=200, description="the assignment group of incidents that Heal opens"
    )
    resolve: bool = Field(
        default=True,
        description="whether an incident is resolved once success was verified, and opened again "
        "when the trouble came back; otherwise only work notes are written",
    )
    close_code: str = Field(
        default="Solution provided", max_length=100, description="the resolution code then"
    )
    problems: bool = Field(
        default=False, description="whether a problem record is made when one is proposed"
    )
    change_templates: Words = Field(
        default=(),
        description="runbook=sys_id of the template of which a standard change is opened before "
        "its plan is carried out, with commas; * stands for any runbook; empty = none is opened",
    )
    blackouts: bool = Field(
        default=False,
        description="whether nothing is done while a span of a blackout schedule holds",
    )
    zone: Annotated[str, AfterValidator(_zone)] = Field(
        default="",
        description="the clock of schedules without a time zone: Europe/Berlin; without it, what "
        "their spans mean is not known",
    )


class Row(BaseModel):
    """One record, as much of it as was asked for; every column is a text."""

    model_config = ConfigDict(extra="allow", frozen=True)

    sys_id: str = Field(pattern=r"^[0-9a-f]{32}$")

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, told: object) -> object:
        """The API of changes shows each column as what is stored and what people see."""
        if not isinstance(told, dict):
            return told
        return {key: of.get("value") if isinstance(of, dict) else of for key, of in told.items()}

    def get(self, column: str) -> str:
        """What stands in a column; empty when nothing does."""
        found = self.sys_id if column == "sys_id" else (self.model_extra or {}).get(column)
        return found if isinstance(found, str) else ""


_ROWS: TypeAdapter[list[Row]] = TypeAdapter(list[Row])


class Api:
    """Speaks with the one instance that is set; the password goes nowhere else."""

    def __init__(self, settings: ServicenowSettings, client: httpx.AsyncClient) -> None:
        self._url = settings.url
        self._client = client
        token, password = settings.token.get_secret_value(), settings.password.get_secret_value()
        basic = base64.b64encode(f"{settings.user}:{password}".encode()).decode()
        self._secret = token.strip() or password
        self._authorization = f"Bearer {token.strip()}" if token.strip() else f"Basic {basic}"
        self._named = "HEAL_SERVICENOW_TOKEN" if token.strip() else "HEAL_SERVICENOW_PASSWORD"

    @property
    def ready(self) -> bool:
        """Whether an address and a password are set."""
        return bool(self._url and self._secret)

    async def rows(
        self, table: str, wanted: Mapping[str, str], columns: Sequence[str], most: int = 1
    ) -> list[Row]:
        """
        The records of a table whose columns are these; an operator may begin a value.

        A value cannot hold a `^`, by which ServiceNow would take it for more of the query. And
        what it does not know, or this user may not read, it leaves out of a query, and finds all:
        then a TemporaryError says so, before a record is written to that was not meant.
        """
        if any("^" in value or "\n" in value for value in wanted.values()):
            raise PermanentError("ServiceNow cannot be asked for a text with a ^ in it")
        query = "^".join(
            f"{column}{value if value.startswith(OPERATORS) else f'={value}'}"
            for column, value in wanted.items()
        )
        exact = {
            column: value
            for column, value in wanted.items()
            if "." not in column and not value.startswith(OPERATORS)
        }
        asked = {
            "sysparm_query": query,
            "sysparm_fields": ",".join(dict.fromkeys(("sys_id", *columns, *exact))),
            "sysparm_limit": str(most),
            "sysparm_exclude_reference_link": "true",
        }
        path = "/api/now/attachment" if table == "sys_attachment" else f"/api/now/table/{table}"
        found = _read(_ROWS, await self._send("GET", httpx.URL(self._url + path, params=asked)))
        for column, value in exact.items():
            if any(row.get(column).casefold() != value.casefold() for row in found):
                raise TemporaryError(
                    f"ServiceNow did not look for {column} in {table}: let Heal's user read it",
                    REST,
                )
        return found

    async def make(self, path: str, columns: Mapping[str, JsonValue]) -> Row:
        """Make a record; an UncertainError when nobody knows whether it was."""
        answer = await self._send("POST", httpx.URL(self._url + path), dict(columns))
        return _read(TypeAdapter(Row), answer)

    async def change(self, path: str, columns: Mapping[str, JsonValue]) -> None:
        """Write columns of one record, all of them or none."""
        await self._send("PATCH", httpx.URL(self._url + path), dict(columns))

    async def attach(self, table: str, sys_id: str, name: str, media: str, octets: bytes) -> None:
        """Attach a file to a record; one of this name may be attached any number of times."""
        asked = {"table_name": table, "table_sys_id": sys_id, "file_name": name}
        url = httpx.URL(f"{self._url}/api/now/attachment/file", params=asked)
        await self._send("POST", url, octets, media)

    async def _send(
        self, method: str, url: httpx.URL, body: JsonValue | bytes = None, media: str = ""
    ) -> Answer:
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        headers |= {"Content-Type": media} if media else {}
        answer = await http.send(
            self._client, method, url, body=body, headers=headers, within=WITHIN
        )
        if answer.status in {401, 403}:
            said = f"ServiceNow does not take {self._named} for {answer.place} ({answer.status})"
            raise TemporaryError(f"{said}: mend it there, or give its user the right", REST)
        if not answer.fine and not (method == "GET" and answer.status == 404):
            answer.refuse(method, self._secret)
        return answer


def _read(kind: TypeAdapter[T], answer: Answer) -> T:
    """What stands under `result`; a GET that finds nothing answers 404, or with an empty list."""
    try:
        told = answer.json()
        result = told.get("result") if isinstance(told, dict) else None
        return kind.validate_python([] if answer.status == 404 else result)
    except ValidationError as error:
        slip = error.errors(include_url=False, include_input=False)[0]
        at = ".".join(map(str, slip["loc"])) or "all of it"
        raise TemporaryError(f"{answer.place} answered oddly: {at}: {slip['msg']}") from None
    except (
        PermanentError
    ) as error:  # a page for people: the instance sleeps, or somebody is between
        raise TemporaryError(str(error)) from None
