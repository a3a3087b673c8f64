"""ServiceNow's REST API: how it is asked and written to, and what it refuses."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

import httpx
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from bot.clients import http
from bot.clients.http import Answer
from bot.clients.servicenow_settings import ServicenowSettings
from bot.core.errors import PermanentError, TemporaryError

T = TypeVar("T")
SYSTEM = "servicenow"
WITHIN = 20.0
"""Seconds for one request: an instance that sleeps is slow, and no run waits for it."""
OPERATORS = ("LIKE", "<=", ">=", "ISEMPTY", "ISNOTEMPTY")
REST = 60.0
"""Seconds before a password that was refused is tried again: people mend that."""
NUMBER = re.compile(r"INC\d{5,20}")


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
        self,
        table: str,
        wanted: Mapping[str, str | tuple[str, ...]],
        columns: Sequence[str],
        most: int = 1,
    ) -> list[Row]:
        """
        The records of a table whose columns are these; an operator may begin a value.

        Of several values one has to stand there; no operator and no comma is in those.

        A value cannot hold a `^`, by which ServiceNow would take it for more of the query. And
        what it does not know, or this user may not read, it leaves out of a query, and finds all:
        then a TemporaryError says so, before a record is written to that was not meant.
        """
        terms = {column: _term(value) for column, value in wanted.items()}
        if any("^" in term or "\n" in term for term in terms.values()):
            raise PermanentError("ServiceNow cannot be asked for a text with a ^ in it")
        query = "^".join(f"{column}{term}" for column, term in terms.items())
        exact = {
            column: {one.casefold() for one in ((value,) if isinstance(value, str) else value)}
            for column, value in wanted.items()
            if "." not in column and terms[column].startswith(("=", "IN"))
        }
        asked = {
            "sysparm_query": query,
            "sysparm_fields": ",".join(dict.fromkeys(("sys_id", *columns, *exact))),
            "sysparm_limit": str(most),
            "sysparm_exclude_reference_link": "true",
        }
        path = "/api/now/attachment" if table == "sys_attachment" else f"/api/now/table/{table}"
        found = _read(_ROWS, await self._send("GET", httpx.URL(self._url + path, params=asked)))
        for column, values in exact.items():
            if any(row.get(column).casefold() not in values for row in found):
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


def _term(value: str | tuple[str, ...]) -> str:
    if not isinstance(value, str):
        return f"IN{','.join(value)}"
    return value if value.startswith(OPERATORS) else f"={value}"


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
