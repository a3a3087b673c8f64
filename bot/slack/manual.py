"""The manual: every word that can be asked for, what it does, who may, and one example; pure."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from bot.slack.verbs import Verb


class Group(StrEnum):
    """What a word is for; the value is the title in help."""

    LOOK = "To look"
    PLAN = "To plan and decide"
    AFTER = "During a run, and after it"
    HOUSE = "For the whole house"
    YOU = "For you"


class Who(StrEnum):
    """Whom the engine lets; reading is for everybody of the workspace."""

    ALL = "everybody"
    OPERATORS = "operators and the approvers of high risk"
    APPROVERS = "who is asked, by the policy"
    APPROVERS_HIGH = "the approvers of high risk"
    OWN = "who asked for it, and operators"


class Entry(NamedTuple):
    """One word: how it is written, what it does, and so on."""

    group: Group
    form: str
    says: str
    who: Who
    example: str


_LOOK, _PLAN, _AFTER, _HOUSE, _YOU = Group
_ALL, _OPERATORS, _APPROVERS, _HIGH, _OWN = Who

BOOK: dict[Verb, Entry] = {
    Verb.STATUS: Entry(_LOOK, "status", "what is going on now", _ALL, "status"),
    Verb.HISTORY: Entry(
        _LOOK, "history <n>", "what was healed lately, and what was not", _ALL, "history 20"),
    Verb.WHY: Entry(
        _LOOK, "why <id>", "why it went so: runbook, risk, every rule, who may decide", _ALL,
        "why inc-7f3k2m"),
    Verb.TRANSCRIPT: Entry(
        _LOOK, "transcript <id>", "all that is recorded of it, as a file", _ALL,
        "transcript inc-7f3k2m"),
    Verb.LINK: Entry(
        _LOOK, "link <id>", "its page; the link is yours and opens for an hour", _ALL,
        "link inc-7f3k2m"),
    Verb.REPORT: Entry(
        _LOOK, "report <24h>", "what a while of healing came to, and what to automate next", _ALL,
        "report 7d"),
    Verb.LIST: Entry(_LOOK, "list", "what can be healed: the runbooks", _ALL, "list"),
    Verb.STAGES: Entry(
        _LOOK, "stages", "how far each runbook has come, and what it has earned", _ALL, "stages"),
    Verb.BREAKERS: Entry(
        _LOOK, "breakers", "which services are left to people, because runs kept failing", _ALL,
        "breakers"),
    Verb.PROBLEMS: Entry(
        _LOOK, "problems", "the problem records that were proposed", _ALL, "problems"),
    Verb.RUN: Entry(
        _PLAN, "run <runbook> name=value", "ask for it to be done; policy and people decide",
        _OPERATORS, 'run restart-dead-service service=shop environment=production "it hangs"'),
    Verb.DRY_RUN: Entry(
        _PLAN, "dry-run <runbook> name=value", "show exactly what would be done, and do nothing",
        _OPERATORS, "dry-run restart-dead-service service=shop environment=production"),
    Verb.APPROVE: Entry(
        _PLAN, "approve <id>", "say yes to the plan that is shown", _APPROVERS,
        "approve inc-7f3k2m"),
    Verb.REJECT: Entry(
        _PLAN, "reject <id> <why>", "say no, and why", _APPROVERS,
        "reject inc-7f3k2m a deploy is under way"),
    Verb.BREAK_GLASS: Entry(
        _PLAN, "break-glass <id> <why>", "in an emergency: have two others override policy's no",
        _OPERATORS, "break-glass inc-7f3k2m customers cannot pay"),
    Verb.CANCEL: Entry(
        _AFTER, "cancel <id> <why>", "stop a run at its next safe point", _OWN,
        "cancel inc-7f3k2m I do it by hand"),
    Verb.UNDO: Entry(
        _AFTER, "undo <id>", "plan to take a run back", _OPERATORS, "undo run-7f3k2m"),
    Verb.KEEP: Entry(
        _AFTER, "keep <id>", "keep a change that would go back by itself", _OPERATORS,
        "keep inc-7f3k2m"),
    Verb.RETRY: Entry(
        _AFTER, "retry <id>", "plan anew what ended without a healed service, and ask again",
        _OPERATORS, "retry inc-7f3k2m"),
    Verb.PROBLEM: Entry(
        _AFTER, "problem <id>", "propose a problem record for what keeps coming back", _OPERATORS,
        "problem inc-7f3k2m"),
    Verb.STOP: Entry(
        _HOUSE, "stop <why>", "halt all healing at once", _OPERATORS,
        "stop the network is being moved"),
    Verb.RESUME: Entry(
        _HOUSE, "resume <why>", "let healing go on", _HIGH, "resume the network is moved"),
    Verb.FREEZE: Entry(
        _HOUSE, "freeze <service> [in <environment>] <2h> <why>",
        "let nothing be changed there so long; * is everything", _OPERATORS,
        'freeze shop in production 2h "release"'),
    Verb.UNFREEZE: Entry(
        _HOUSE, "unfreeze <service> [in <environment>]", "lift such a freeze before its end",
        _OPERATORS, "unfreeze shop in production"),
    Verb.ALLOW: Entry(
        _HOUSE, 'allow <runbook> on <service> for 2h max 3 runs "why"',
        "ask that it may run without asking each time", _OPERATORS,
        'allow restart-dead-service on shop in production for 2h max 3 runs "release night"'),
    Verb.REVOKE: Entry(
        _HOUSE, "revoke <id>", "take such a pre-approval back", _OPERATORS, "revoke p-7f3k2m"),
    Verb.TICKETS: Entry(
        _HOUSE, "tickets retry", "tell tickets and pagers once more what they were not told",
        _OPERATORS, "tickets retry"),
    Verb.AUDIT: Entry(
        _HOUSE, "audit verify", "prove that no entry of the ledger was changed", _OPERATORS,
        "audit verify"),
    Verb.SETTINGS: Entry(
        _HOUSE, "settings", "what is set up and where, and what does not work without more",
        _OPERATORS, "settings"),
    Verb.SNOOZE: Entry(
        _YOU, "snooze <id> <30m>",
        "remind you of it then, or before its question expires; it stays open for everybody",
        _APPROVERS, "snooze inc-7f3k2m 30m"),
    Verb.WHOAMI: Entry(
        _YOU, "whoami", "your groups, your roles, and what you may approve", _ALL, "whoami"),
    Verb.HELP: Entry(
        _YOU, "help <word>", "this list; with a word, its example", _ALL, "help freeze"),
}  # fmt: skip
