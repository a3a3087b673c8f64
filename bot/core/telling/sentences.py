"""One sentence for each kind of fact: for timelines, the history and `heal audit show`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.core import chain, durations, facts, values, visible
from bot.core.approval import Ending
from bot.core.permit import Use
from bot.core.policy.verdict import Ruling
from bot.core.telling import orders

RULINGS = {Ruling.ALLOW: "allows it", Ruling.ASK: "asks", Ruling.DENY: "denies it"}


def sentence(fact: facts.AnyFact) -> str:
    """
    Say one fact to a person, on one line, whatever was written into it.

    >>> sentence(facts.Kept(by="U1"))
    'U1 decided that the change stays.'
    """
    asked = _opening(fact) or _waiting(fact) or _agreeing(fact)
    told = asked or _doing(fact) or _proving(fact) or _ending(fact) or orders.said(fact)
    return _stop(visible.line(told or fact.kind))


def reading(one: facts.Reading) -> str:
    """
    Say what one probe saw; an error is never mistaken for a value.

    >>> reading(facts.Reading(name="web", probe="http.get", seen={"status": 200}))
    'web: status=200'
    """
    if one.error:
        return f"{one.name}: nothing seen: {one.error}"
    return f"{one.name}: {measured(one.seen)}"


def measured(seen: values.Facts) -> str:
    """Write facts as name=value, in their order, empty ones left out; nests as JSON."""
    pairs = (
        f"{name}={value if isinstance(value, str) else values.canonical(value)}"
        for name, value in seen.items()
        if value not in (None, "")
    )
    return ", ".join(pairs) or "nothing"


def span(seconds: float) -> str:
    """
    Say a length of time as exactly as anybody cares: tenths only below ten seconds.

    >>> span(2.149), span(94.7)
    ('2.1 s', '1 min 35 s')
    """
    if 0 < seconds < 10 and not float(seconds).is_integer():
        return f"{seconds:.1f} s"
    return durations.in_words(timedelta(seconds=round(seconds)))


def _opening(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Opened(undoes=undoes) if undoes:
            by = f"{fact.wish.by} asked" if fact.wish else "Opened"
            return f"{by} to take back {undoes}: {fact.title}"
        case facts.Opened(wish=facts.Wish() as wish):
            how = "to be shown only" if wish.dry_run else "to be carried out"
            given = measured(dict(wish.given)) if wish.given else "no parameters"
            asked = f"{wish.by} asked for runbook {wish.runbook}"
            return f"{asked}, {how}, with {given}{_why(wish.why)}"
        case facts.Opened(alert=alert):
            about = f"{alert.name} from {alert.source}: {alert.summary}" if alert else fact.title
            again = f"; the same trouble as {fact.relapse_of}" if fact.relapse_of else ""
            again += f"; asked again for {fact.again_for}" if fact.again_for else ""
            return f"Opened for {about}{again}"
        case facts.Joined(alert=alert):
            news = "fires" if alert.firing else "was resolved by its sender"
            return f"Alert {alert.name} from {alert.source} {news}"
        case facts.News():
            return "The alert is clear" if fact.cleared else f"It fires again, now {fact.again}"
        case facts.Chosen(runbook=""):
            return f"No runbook fits{_list(f'{m.runbook}: {m.reason}' for m in fact.misses)}"
        case facts.Chosen():
            return f"Runbook {fact.runbook} fits{_list(fact.because)}"
        case facts.Diagnosed():
            return f"Evidence was read{_list(map(reading, fact.readings))}"
    return ""


def _agreeing(fact: facts.AnyFact) -> str:  # noqa: C901, PLR0911, PLR0912 - one arm a kind
    match fact:
        case facts.Planned(healthy=True):
            seen = _list(map(reading, fact.readings))
            return f"The success criteria hold already, so there is nothing to do{seen}"
        case facts.Planned(plan=None):
            return f"No plan could be made{_list(fact.refused)}"
        case facts.Planned():
            risk = f"risk {fact.risk.level} ({fact.risk.score})" if fact.risk else "risk unknown"
            moved = f"; since it was shown: {'; '.join(fact.moved)}" if fact.moved else ""
            return (f"Plan {fact.digest[:12]} was made (round {fact.round}), {risk}; "
                    f"policy {RULINGS[fact.ruling]}{moved}")  # fmt: skip
        case facts.Shown():
            return f"Only shown, in stage dry_run: policy {fact.says}"
        case facts.Allowed():
            return f"Policy allows plan {fact.digest[:12]} without asking"
        case facts.Asked(request=request):
            whom = ", ".join((*request.groups, *request.people)) or "nobody"
            return (f"Asked {whom} for approval (round {request.round}): "
                    f"{request.quorum} needed until {_utc(request.expires_at)}")  # fmt: skip
        case facts.Reminded(fallback=True):
            return f"Most of the time is gone and nobody decided (round {fact.round})"
        case facts.Reminded():
            return f"Half of the time is gone and nobody decided (round {fact.round})"
        case facts.Voted(vote=vote):
            how = " by a reaction" if vote.reacted else ""
            return f"{vote.who} said {'yes' if vote.yes else 'no'}{how}{_why(vote.why)}"
        case facts.Barred():
            return f"{fact.who} may not decide this{_why(fact.why)}"
        case facts.Decided():
            by = f" by {', '.join(fact.by)}" if fact.by else ""
            by += _in_advance(fact.permit) if fact.permit else ""
            done = "" if fact.ending is Ending.APPROVED else "; nothing was executed"
            return f"The request was {fact.ending}{by}{_why(fact.why)}{done}"
        case facts.Rebuilt(changes=()):
            return f"Built again, the plan is the same ({fact.digest[:12]}): the yes holds"
        case facts.Rebuilt():
            return f"The plan moved after it was shown{_list(fact.changes)}"
    return ""


def _waiting(fact: facts.AnyFact) -> str:
    match fact:
        case facts.Rebuilt(changes=(), waited=True):
            return f"Its turn came: built again, the plan is the same ({fact.digest[:12]})"
        case facts.Queued():
            how = "It moved up" if fact.advanced else "It waits its turn"
            until = "" if fact.advanced else f", until {_utc(fact.until)} at most"
            return f"{how}: {fact.place} of {fact.of}{until}{_why(fact.why)}"
        case facts.TurnCame():
            return "It is its turn"
    return ""


def _doing(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Started(refused=refused) if refused:
            return f"The run may not begin after all{_list(refused)}"
        case facts.Started():
            where = ", ".join(fact.targets)
            return f"The run of {fact.runbook} began on {where} (plan {fact.digest[:12]})"
        case facts.Claimed(stop=stop) if stop:
            return f"Nothing more begins: {stop}"
        case facts.Claimed():
            return f"{'Rolling back step' if fact.back else 'Step'} {fact.number} begins"
        case facts.Stepped():
            doubt = " (an earlier life had begun it)" if fact.uncertain else ""
            which = f"Rollback of step {fact.number}" if fact.back else f"Step {fact.number}"
            took = f" after {span(fact.seconds)}" if fact.seconds else ""
            return f"{which} {fact.ending}{took}{doubt}{_why(fact.says)}"
        case facts.Acted(failed=failed) if failed:
            return f"The steps ended early: {failed}"
        case facts.Acted(cancelled=cancelled) if cancelled:
            return f"The steps were stopped at a safe point: {cancelled}"
        case facts.Acted():
            return "Every step was carried out"
    return ""


def _proving(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.StepVerified(stopped=True):
            return f"Looking at what step {fact.number} brought about was stopped: {fact.why}"
        case facts.StepVerified():
            return f"What step {fact.number} brought about is {_proof(fact)}"
        case facts.Verified():
            return f"{'The way back is' if fact.back else 'Success is'} {_proof(fact)}"
        case facts.Reverting():
            return f"Going back on purpose: {fact.why}"
        case facts.Recovered():
            return f"The original recovered{_why(fact.why)}"
        case facts.Cancelling():
            return f"{fact.by} asked the run to stop{_why(fact.why)}"
        case facts.Kept():
            return f"{fact.by} decided that the change stays"
        case facts.TakenBack():
            return f"It was taken back by {fact.by}"
        case facts.RolledBack():
            how = "The way back was taken" if fact.clean else "The rollback FAILED"
            return f"{how}{_why(fact.says.removeprefix('the rollback FAILED: '))}"
    return ""


def _proof(fact: facts.Proof) -> str:
    how = "verified" if fact.passed else "NOT verified"
    checks = "1 check" if fact.checks == 1 else f"{fact.checks} checks"
    looked = f"{checks} in {span(fact.seconds)}, held {span(fact.held)}"
    return f"{how}: {fact.why}; {looked}{_list(map(reading, fact.readings))}"


def _ending(fact: facts.AnyFact) -> str:
    match fact:
        case facts.Escalated():
            return f"Escalated to {fact.to}{_why(fact.why)}{_why(fact.say)}"
        case facts.Closed():
            return f"Ended ({fact.event}){_why(fact.says)}"
        case facts.CameBack():
            return f"It was not fixed: {fact.alert.name} fired again, now {fact.again}"
        case facts.Expired(deadline=deadline):
            until = f" at {_utc(deadline)}" if deadline else ""
            return f"A wait for an answer ended{until} without one"
        case facts.Refused():
            return f"Refused at {fact.door}{_why(fact.why)}"
    return ""


def _in_advance(use: Use) -> str:
    left = f"{use.left} of {use.runs} runs left, until {_utc(use.until)}"
    return f" in advance, with pre-approval {use.id} ({left})"


def _why(why: str) -> str:
    return f": {why}" if why else ""


def _list(items: Iterable[str]) -> str:
    joined = "; ".join(items)
    return f": {joined}" if joined else ""


def _utc(at: datetime) -> str:
    return chain.stamp(at)[:19].replace("T", " ") + " UTC"


def _stop(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."
