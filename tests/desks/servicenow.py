"""
A stateful ServiceNow: tables, journals and attachments, as its REST API has them.

It wants the right user or token, JSON asked for and sent, known columns, and what its own data
policy wants before an incident counts as resolved. Work notes are written, and read back only from
the journal's own table.
"""

from __future__ import annotations

import asyncio
import base64
import json
import operator
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.clients.servicenow_settings import ServicenowSettings
from bot.tickets import _blackouts
from bot.tickets.servicenow import PLUGIN
from tests.clients import rigs
from tests.desks.doors import Faults, served
from tests.desks.faults import Stand

USER, PASSWORD, TOKEN = "heal", "not-a-real-password", "not-a-real-token"
REFERENCE = "INC0012345"
Row = dict[str, str]
COLUMNS = {
    "incident": {"number", "state", "short_description", "description", "correlation_id",
                 "correlation_display", "urgency", "impact", "caller_id", "assignment_group",
                 "work_notes", "close_code", "close_notes", "problem_id", "rfc", "hold_reason",
                 "cmdb_ci"},
    "problem": {"number", "short_description", "description", "correlation_id"},
    "sys_journal_field": {"element_id", "element", "value", "name"},
    "sys_attachment": {"table_name", "table_sys_id", "file_name", "content_type", "size_bytes"},
    "change_request": {"number", "state", "short_description", "correlation_id", "work_notes",
                       "correlation_display", "start_date", "end_date", "assignment_group",
                       "close_code", "close_notes", "std_change_producer_version"},
    "std_change_record_producer": {"name"},
    "cmdb_ci_service": {"name", "used_for", "owned_by.name", "support_group.name",
                        "busines_criticality"},
    "cmdb_rel_ci": {"parent", "child", "type.name"},
    "cmn_schedule_span": set(_blackouts.COLUMNS),
}  # fmt: skip
PREFIX = {"incident": "INC", "problem": "PRB", "change_request": "CHG"}
WAY = ("-5", "-2", "-1", "0", "3")
"""The states of a standard change; it goes them one by one, and is closed with its result only."""
CODES = ("Solution provided",)
HOLDS: dict[str, Callable[[str, str], bool]] = {
    "=": lambda stored, value: stored.casefold() == value.casefold(),
    "LIKE": operator.contains, "<=": operator.le, ">=": operator.ge,
    "IN": lambda stored, values: stored in values.split(","),
    "ISEMPTY": lambda stored, _: not stored, "ISNOTEMPTY": lambda stored, _: bool(stored),
}  # fmt: skip
"""Operators of an encoded query that the double knows."""


class RefusedError(Exception):
    """An answer with which a request ends."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ServiceNowDesk(Faults):
    """The instance, and what its people see of it."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[Row]] = {name: [] for name in COLUMNS}
        self.files: dict[str, bytes] = {}
        """Attachments by their names."""
        self.password, self.token = PASSWORD, TOKEN
        self.unread: set[str] = set()
        """Columns that its user may not read: it leaves them out of queries, as a real one does."""
        self.ignored: set[str] = set()
        """Columns that it shows, and does not look for."""
        self.shut: set[str] = set()
        """Tables that its user may not read at all."""
        self.answers = asyncio.Event()
        """While it is cleared nothing is answered."""
        self.answers.set()
        self._ids = 0
        self.template = self.put("std_change_record_producer", name="Restart a service")["sys_id"]
        self.put("incident", number=REFERENCE, state="1", short_description="shop is slow")

    def put(self, table: str, **columns: str) -> Row:
        """Make a record, as its people or its REST API do."""
        self._ids += 1
        row = {"sys_id": f"{self._ids:032x}", **columns}
        if table in PREFIX:
            row.setdefault("number", f"{PREFIX[table]}{7_000_000 + self._ids}")
            row.setdefault("state", WAY[0] if table == "change_request" else "1")
        notes = row.pop("work_notes", "")
        self.tables[table].append(row)
        self._journal(table, row, notes)
        return row

    def row(self, table: str, **columns: str) -> Row:
        """The one record with these columns."""
        [found] = [row for row in self.tables[table] if columns.items() <= row.items()]
        return found

    def records(self) -> list[str]:
        return [row["number"] for row in self.tables["incident"]]

    def notes(self, reference: str) -> list[str]:
        table = "change_request" if reference.startswith("CHG") else "incident"
        sys_id = self.row(table, number=reference)["sys_id"]
        journal = self.tables["sys_journal_field"]
        return [row["value"] for row in journal if row["element_id"] == sys_id]

    def resolved(self, reference: str) -> bool:
        return self.row("incident", number=reference)["state"] == "6"

    def lock(self) -> None:
        self.password = self.token = "another"

    async def answer(self, request: web.Request) -> web.Response:
        await self.answers.wait()
        return await self.through(request, self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        try:
            self._admit(request)
            status, result = await self._routed(request)
        except RefusedError as refusal:
            told = {"error": {"message": str(refusal), "detail": None}, "status": "failure"}
            return web.json_response(told, status=refusal.status)
        return web.json_response({"result": result}, status=status)

    def _admit(self, request: web.Request) -> None:
        basic = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if request.headers.get("Authorization") not in {f"Basic {basic}", f"Bearer {self.token}"}:
            raise RefusedError(401, "User Not Authenticated")
        if request.headers.get("Accept") != "application/json":
            raise RefusedError(406, "Accept has to be application/json")

    async def _routed(self, request: web.Request) -> tuple[int, Any]:
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["api", "now", "table", table]:
                return 200, self._found(table, request)
            case "GET", ["api", "now", "attachment"]:
                return 200, self._found("sys_attachment", request)
            case "POST", ["api", "now", "table", table]:
                return 201, self.put(table, **await self._columns(table, request))
            case "POST", ["api", "sn_chg_rest", "change", "standard", template]:
                return 200, await self._planned(template, request)
            case "PATCH", ["api", "now", "table", table, sys_id]:
                return 200, await self._changed(table, sys_id, request)
            case "POST", ["api", "now", "attachment", "file"]:
                return 201, await self._attached(request)
        raise RefusedError(400, f"Requested URI does not represent any resource: {request.path}")

    def _found(self, table: str, request: web.Request) -> list[Row]:
        if table not in self.tables:
            raise RefusedError(400, f"Invalid table {table}")
        if table in self.shut:
            raise RefusedError(403, "Operation against file was aborted by an ACL")
        asked = request.query
        terms = [self._term(table, one) for one in asked["sysparm_query"].split("^") if one]
        wanted = asked["sysparm_fields"].split(",")
        if unknown := set(wanted) - COLUMNS[table] - {"sys_id"}:
            raise RefusedError(400, f"unknown columns: {sorted(unknown)}")
        deaf = self.unread | self.ignored
        rows = [row for row in self.tables[table] if all(
            HOLDS[how](row.get(column, ""), value)
            for column, how, value in terms if column not in deaf)]  # fmt: skip
        return [{name: "" if name in self.unread else row.get(name, "") for name in wanted}
                for row in rows[: int(asked["sysparm_limit"])]]  # fmt: skip

    @staticmethod
    def _term(table: str, text: str) -> tuple[str, str, str]:
        told = re.fullmatch(r"([a-z_.]+)(=|LIKE|<=|>=|IS(?:NOT)?EMPTY|IN)(.*)", text, re.DOTALL)
        if told is None or told[1] not in COLUMNS[table] | {"sys_id"}:
            raise RefusedError(
                400, f"Invalid query: {text}"
            )  # a real one would ignore it, and find all
        return told[1], told[2], told[3]

    async def _columns(self, table: str, request: web.Request) -> Row:
        if request.content_type != "application/json":
            raise RefusedError(415, "Unsupported media type")
        if table not in PREFIX:
            raise RefusedError(403, "Operation against file was aborted by an ACL")
        sent = json.loads(await request.read())
        if unknown := set(sent) - COLUMNS[table]:
            raise RefusedError(400, f"unknown columns: {sorted(unknown)}")
        assert all(isinstance(value, str) for value in sent.values())
        return dict(sent)

    async def _changed(self, table: str, sys_id: str, request: web.Request) -> Row:
        columns = await self._columns(table, request)
        row = next((row for row in self.tables[table] if row["sys_id"] == sys_id), None)
        if row is None:
            raise RefusedError(404, "No Record found")
        after = {**row, **columns}
        if table == "incident" and after["state"] == "6" != row["state"]:
            missing = not after.get("close_notes") or after.get("close_code") not in CODES
            if missing:
                raise RefusedError(
                    403, "Data Policy Exception: close_code and close_notes are mandatory"
                )
        if table == "change_request":
            self._goes(row, after)
        notes = columns.pop("work_notes", "")
        row.update(columns)
        self._journal(table, row, notes)
        return row

    async def _planned(self, template: str, request: web.Request) -> dict[str, dict[str, str]]:
        """A standard change of a template, in which only what is asked for may be set."""
        if template != self.template:
            raise RefusedError(404, "Standard Change Template does not exist")
        columns = await self._columns("change_request", request)
        if {"state", "short_description"} & set(columns):
            raise RefusedError(400, "a column of the template is read only")
        row = self.put("change_request", std_change_producer_version=template, **columns)
        return {name: {"value": of, "display_value": of} for name, of in row.items()}

    def _goes(self, before: Row, after: Row) -> None:
        """A change goes no way but its own."""
        if after["state"] == before["state"] or after["state"] == "4":
            return
        now = WAY.index(before["state"]) if before["state"] in WAY else len(WAY)
        if after["state"] not in WAY[now + 1 : now + 2]:
            raise RefusedError(403, "Invalid state transition")
        if after["state"] == "3" and not (after.get("close_notes") and after.get("close_code")):
            raise RefusedError(403, "close_code and close_notes are mandatory")

    def _journal(self, table: str, row: Row, notes: str) -> None:
        """Work notes are no column: they go to the journal, where they can be read back."""
        if notes:
            self._ids += 1
            self.tables["sys_journal_field"].append(
                {"sys_id": f"{self._ids:032x}", "element_id": row["sys_id"], "name": table,
                 "element": "work_notes", "value": notes})  # fmt: skip

    async def _attached(self, request: web.Request) -> Row:
        asked = request.query
        known = [row for row in self.tables[asked["table_name"]]
                 if row["sys_id"] == asked["table_sys_id"]]  # fmt: skip
        octets = await request.read()
        if not known or not octets or request.content_type == "application/json":
            raise RefusedError(400, "no record, no file, or no media type")
        assert asked["file_name"] not in self.files, "it was attached already"
        self.files[asked["file_name"]] = octets
        return self.put("sys_attachment", **asked, content_type=request.content_type)


@asynccontextmanager
async def running() -> AsyncIterator[tuple[ServiceNowDesk, str]]:
    """The instance, and its address."""
    desk = ServiceNowDesk()
    async with served(desk.answer) as url:
        yield desk, url


def told(url: str, **more: str) -> dict[str, str]:
    """The settings by which Heal is let in."""
    return {"url": url, "user": USER, "password": PASSWORD, **more}


@asynccontextmanager
async def opened() -> AsyncIterator[Stand]:
    """ServiceNow as one of the systems that the contract is tried with."""
    async with running() as (desk, url), rigs.rig() as rig:
        plain = PLUGIN(ServicenowSettings.model_validate(told(url)), rig)
        opener = PLUGIN(ServicenowSettings.model_validate(told(url, open_for="critical")), rig)
        yield Stand(plain, desk, REFERENCE, opener)
