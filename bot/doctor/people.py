"""People: whether those whom the policy names are there, and are enough to decide."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core import spelling
from bot.core.errors import ConfigurationError, TemporaryError
from bot.core.library import Library
from bot.core.policy.sections import Called
from bot.core.risk import Level
from bot.doctor import slack
from bot.doctor.finding import Finding, failed, ok, warning
from bot.doctor.patient import Patient
from bot.slack.examining import Examiner

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
        wanted, by = _quorum(library, panel.quorum)
        findings.append(
            await _enough(patient.slack, f"approvers of {level} risk", called, wanted, by)
        )
    return findings


async def operators(patient: Patient) -> Sequence[Finding]:
    library = patient.library
    if isinstance(library, ConfigurationError) or not patient.slack.known:
        return []
    return [await _enough(patient.slack, "operators", library.rulebook.operating, 1, "policy")]


def _quorum(library: Library, quorum: int) -> tuple[int, str]:
    """How many must agree at most, and who says so: any runbook may be judged at any level."""
    asked = [(quorum, "policy")]
    asked += [(b.safety.approval.quorum, f"runbook {b.runbook}") for b in library.runbooks]
    return max(asked, key=lambda one: one[0])


async def _enough(
    slack: Examiner, name: str, called: Sequence[Called], wanted: int, by: str
) -> Finding:
    try:
        handles = await slack.groups() if any(one.groups for one in called) else {}
        groups = {word.removeprefix("@") for one in called for word in one.groups}
        unknown = sorted(groups - set(handles) - set(handles.values()))
        if unknown:
            slip = spelling.unknown(unknown[0], handles)
            return failed(name, f"user group {slip}", f"make it in Slack, or mend it in {RULES}")
        there: set[str] = set()
        for group in sorted(groups):
            there |= await slack.members(handles.get(group, group))
        people = {word for one in called for word in one.people}
        gone = sorted([word for word in people if not await slack.present(word)])
    except TemporaryError as error:
        return failed(name, str(error), "mend what the scopes say, or ask again")
    return _told(name, there | (people - set(gone)), gone, wanted, by)


def _told(name: str, there: set[str], gone: list[str], wanted: int, by: str) -> Finding:
    remedy = f"put people into the groups that {RULES} names, or name others there"
    if not there:
        return failed(name, "there is nobody", remedy)
    if len(there) < wanted:
        found = f"the quorum of {wanted} ({by}) cannot be reached by {len(there)}"
        return warning(name, found, remedy)
    if gone:
        return warning(name, f"{', '.join(gone)} cannot act: gone, or not a person", remedy)
    return ok(name, f"{len(there)}, {wanted} needed at most")
