"""People: whether those whom the policy names are there, and are enough to decide."""

from __future__ import annotations

from collections.abc import Sequence

from bot.app import pagers
from bot.catalog import yaml
from bot.core.circle import Circle
from bot.core.errors import ConfigurationError, TemporaryError
from bot.core.library import Library
from bot.core.risk import Level
from bot.doctor import slack
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.engine import electing

RULES = "policy/rules.yaml"


async def approvers(patient: Patient) -> Sequence[Finding]:
    """For every level of risk: whether enough different people can say yes tonight."""
    library = patient.library
    if isinstance(library, ConfigurationError):
        return []  # said with the library already
    if not patient.slack.known:
        return [slack.not_asked("approvers")]
    rules = library.rulebook.approvers
    findings = []
    for level in Level:
        panel = rules.of(level)
        called = [panel, *([rules.fallback] if rules.fallback else [])]
        circle = library.rulebook.circle(*called)
        wanted, by = _quorum(library, panel.needs)
        at = _place(patient, "approvers", next(one for one in (level, "medium", "high")
                                               if getattr(rules, one) is panel))  # fmt: skip
        follows = f"nobody can approve {level} risk: such plans are refused"
        name = f"approvers of {level} risk"
        findings.append(await _enough(patient, name, circle, wanted, by, f"{at}: {follows}"))
    return findings


async def operators(patient: Patient) -> Sequence[Finding]:
    library = patient.library
    if isinstance(library, ConfigurationError) or not patient.slack.known:
        return []
    circle = library.rulebook.circle(*library.rulebook.operating)
    follows = f"{_place(patient, 'operators')}: nobody may run, cancel, undo or stop anything"
    return [await _enough(patient, "operators", circle, 1, "policy", follows)]


async def roles(patient: Patient) -> Sequence[Finding]:
    """For every role: whether there is somebody; from an empty one, no yes can be had."""
    library = patient.library
    if isinstance(library, ConfigurationError) or not patient.slack.known:
        return []
    findings = []
    for name in library.rulebook.roles:
        follows = f"{_place(patient, 'roles', name)}: what demands somebody of it is refused"
        circle = library.rulebook.demand(name)
        findings.append(await _enough(patient, f"role {name}", circle, 1, "policy", follows))
    return findings


def _quorum(library: Library, quorum: int) -> tuple[int, str]:
    """How many must agree at most, and who says so: any runbook may be judged at any level."""
    asked = [(quorum, "policy")]
    asked += [(b.safety.approval.quorum, f"runbook {b.runbook}") for b in library.runbooks]
    return max(asked, key=lambda one: one[0])


def _place(patient: Patient, *path: str) -> str:
    """Where something stands in the rules: "policy/rules.yaml:12"."""
    directory = patient.settings.runbooks
    try:
        found = yaml.read(directory / RULES, directory).problem(path, "")
    except ConfigurationError:
        return RULES
    return f"{RULES}:{found.line}"


async def _enough(
    patient: Patient, name: str, circle: Circle, wanted: int, by: str, follows: str
) -> Finding:
    """Whether there are enough; `follows` says where it stands and what comes of too few."""
    find = patient.slack.people.by_email
    try:
        pager = pagers.joined(lambda: patient.rulebook, patient.toolbox, patient.rig.http, find)
    except ConfigurationError as error:
        return failed(name, str(error), "write it as docs/settings.md says")
    asked = Circle(groups=circle.groups, schedules=circle.schedules)
    found = await electing.ask(patient.slack.people, pager, patient.clock.now(), asked)
    if found.nobody:
        return failed(
            name, "; ".join(found.nobody.values()), f"make it in Slack, or mend it in {follows}"
        )
    if found.unknown:
        return failed(name, "; ".join(found.unknown.values()), "mend what it says, or ask again")
    try:
        gone = sorted([word for word in circle.people if not await patient.slack.present(word)])
    except TemporaryError as error:
        return failed(name, str(error), "mend what the scopes say, or ask again")
    return _told(name, {*found.grounds} | {*circle.people} - {*gone}, gone, wanted, by, follows)


def _told(
    name: str, there: set[str], gone: list[str], wanted: int, by: str, follows: str
) -> Finding:
    remedy = f"put people into the groups that {RULES} names, or name others there"
    if not there:
        return failed(name, f"there is nobody; {follows}", remedy)
    if len(there) < wanted:
        found = f"the quorum of {wanted} ({by}) cannot be reached by {len(there)}; {follows}"
        return warning(name, found, remedy)
    if gone:
        return warning(name, f"{', '.join(gone)} cannot act: gone, or not a person", remedy)
    return ok(name, f"{len(there)}, {wanted} needed at most")
