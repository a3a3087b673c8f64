"""What an API server says when it refuses, word by word as the real one."""

from __future__ import annotations

from typing import Any

from tests.cluster.fake.kinds import Kind

Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer on its way out
    """An answer that is no object; a body that is a text is sent as one."""

    def __init__(self, status: int, body: Json | str) -> None:
        super().__init__(body)
        self.status = status
        self.body = body


def failure(status: int, reason: str, message: str, details: Json | None = None) -> Refused:
    told: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    told |= {"message": message} | ({"reason": reason} if reason else {})
    told |= {"details": details} if details is not None else {}
    return Refused(status, told | {"code": status})


def done() -> Json:
    head: Json = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
    return head | {"status": "Success", "code": 201}


def details(kind: Kind, name: str = "") -> Json:
    """Which object is meant."""
    group = {"group": kind.group} if kind.group else {}
    return ({"name": name} if name else {}) | group | {"kind": kind.plural}


def no_page() -> Refused:
    return Refused(404, "404 page not found\n")


def no_resource() -> Refused:
    said = "the server could not find the requested resource"
    return failure(404, "NotFound", said, {})


def no_method() -> Refused:
    said = "the server does not allow this method on the requested resource"
    return failure(405, "MethodNotAllowed", said, {})


def unauthorized() -> Refused:
    return failure(401, "Unauthorized", "Unauthorized")


def missing(kind: Kind, name: str) -> Refused:
    return failure(404, "NotFound", f'{kind.said} "{name}" not found', details(kind, name))


def taken(kind: Kind, name: str) -> Refused:
    said = f'{kind.said} "{name}" already exists'
    return failure(409, "AlreadyExists", said, details(kind, name))


def stale(kind: Kind, name: str) -> Refused:
    said = (
        f'Operation cannot be fulfilled on {kind.said} "{name}": the object has been modified; '
        "please apply your changes to the latest version and try again"
    )
    return failure(409, "Conflict", said, details(kind, name))


def bad_patch() -> Refused:
    said = "the server rejected our request due to an error in our request"
    return failure(422, "Invalid", said, {})


def bad_media() -> Refused:
    return failure(415, "UnsupportedMediaType", "415: Unsupported Media Type", {})


def not_json() -> Refused:
    return failure(500, "", "Invalid JSON Patch")


def invalid(kind: Kind, name: str, field: str, said: str, reason: str) -> Refused:
    group = {"group": kind.group} if kind.group else {}
    about: Json = ({"name": name} if name else {}) | group | {"kind": kind.name}
    about["causes"] = [{"reason": reason, "message": said, "field": field}]
    return failure(422, "Invalid", f'{kind.title} "{name}" is invalid: {field}: {said}', about)


def other_uid(name: str, wanted: str, there: str) -> Refused:
    said = (
        f'Operation cannot be fulfilled on Pod "{name}": the UID in the precondition ({wanted}) '
        f"does not match the UID in record ({there}). The object might have been deleted and then "
        "recreated"
    )
    return failure(409, "Conflict", said, {"name": name, "kind": "Pod"})


def no_room(budget: str, least: int, there: int) -> Refused:
    cause = f"The disruption budget {budget} needs {least} healthy pods and has {there} currently"
    said = "Cannot evict pod as it would violate the pod's disruption budget."
    causes = [{"reason": "DisruptionBudget", "message": cause}]
    return failure(429, "TooManyRequests", said, {"causes": causes})
