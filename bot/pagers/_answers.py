"""What of the answers of PagerDuty is read when its incidents are kept in step."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from bot.clients.apis import Sent


class Person(Sent):
    id: str = ""
    summary: str = "somebody"
    email: str = ""


class Taking(Sent):
    acknowledger: Person = Person()


class Standing(Sent):
    id: str
    status: Literal["triggered", "acknowledged", "resolved"]
    acknowledgements: tuple[Taking, ...] = ()
    last_status_change_by: Person = Person()


class One(Sent):
    incident: Standing


class Found(Sent):
    incidents: tuple[Standing, ...] = ()


class Note(Sent):
    content: str = ""


class Notes(Sent):
    notes: tuple[Note, ...] = ()


class Entry(Sent):
    type: str = ""
    created_at: AwareDatetime


class Log(Sent):
    log_entries: tuple[Entry, ...] = ()


class Users(Sent):
    users: tuple[Person, ...] = ()
