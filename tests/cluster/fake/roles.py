"""Who may do what: roles and their bindings in a namespace, as objects say them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.cluster.fake import answers
from tests.cluster.fake.answers import Refused
from tests.cluster.fake.kinds import BINDINGS, ROLES
from tests.cluster.fake.shelf import Shelf

MASTERS = "system:masters"


@dataclass(frozen=True)
class User:
    """Somebody with a token."""

    name: str
    group: str = ""


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do, to one object or to all of a kind."""

    verb: str
    group: str
    plural: str
    sub: str = ""
    space: str = ""
    name: str = ""

    @property
    def resource(self) -> str:
        return f"{self.plural}/{self.sub}" if self.sub else self.plural


def reason(shelf: Shelf, user: User, wish: Wish) -> str | None:
    """By what it is allowed; None when it is not. Masters may do everything, and need no reason."""
    if user.group == MASTERS:
        return ""
    roles = {one["metadata"]["name"]: one for one in shelf.every(ROLES, wish.space)}
    for bound in shelf.every(BINDINGS, wish.space):
        role = bound["roleRef"]["name"]
        for one in bound["subjects"]:
            if _is(one, user) and any(_grants(rule, wish) for rule in roles[role]["rules"]):
                named = f"{bound['metadata']['name']}/{wish.space}"
                to = f'{one["kind"]} "{one["name"]}"'
                return f'RBAC: allowed by RoleBinding "{named}" of Role "{role}" to {to}'
    return None


def forbidden(user: User, wish: Wish) -> Refused:
    said = f"{wish.plural}.{wish.group}" if wish.group else wish.plural
    named = f'{said} "{wish.name}"' if wish.name else said
    where = f'in the namespace "{wish.space}"' if wish.space else "at the cluster scope"
    message = (
        f'{named} is forbidden: User "{user.name}" cannot {wish.verb} resource "{wish.resource}" '
        f'in API group "{wish.group}" {where}'
    )
    about = {"name": wish.name} if wish.name else {}
    about |= {"group": wish.group} if wish.group else {}
    return answers.failure(403, "Forbidden", message, about | {"kind": wish.plural})


def _grants(rule: dict[str, Any], wish: Wish) -> bool:
    names = rule.get("resourceNames")
    return (
        wish.group in rule["apiGroups"]
        and wish.resource in rule["resources"]
        and wish.verb in rule["verbs"]
        and (not names or wish.name in names)
    )


def _is(subject: dict[str, Any], user: User) -> bool:
    """Whether this names the user, or their group; service accounts have no token here."""
    name = {"Group": user.group, "User": user.name}.get(subject["kind"], "")
    return bool(name) and subject["name"] == name
