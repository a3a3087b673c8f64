"""Dependencies: while something that a service needs is in trouble, a person decides."""

from __future__ import annotations

from bot.core.policy import verdict
from bot.core.policy.case import Case
from bot.core.policy.verdict import Ruling, Verdict

RULE = "dependencies"
STRICTEST = Ruling.ASK


def judge(case: Case) -> Verdict:
    """Ask while it lasts: what is healed on top of that may not last, or not help at all."""
    if not case.needed:
        return verdict.allow(RULE, f"nothing that {case.plan.service} needs is in trouble")
    named = ", ".join(one.says for one in case.needed)
    verb = "is" if len(case.needed) == 1 else "are"
    said = f"{case.plan.service} needs {named}, which {verb} in trouble: a person decides"
    return verdict.ask(RULE, said)
