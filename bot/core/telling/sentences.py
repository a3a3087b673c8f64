"""One sentence for each kind of fact: for timelines, the history and `heal audit show`."""

from __future__ import annotations

from bot.core import facts, visible
from bot.core.approval import Ending
from bot.core.permit import Use
from bot.core.policy.verdict import Ruling
from bot.core.telling import calls, orders, outside
from bot.core.telling.phrases import because, listed, measured, reading, span, utc

RULINGS = {Ruling.ALLOW: "allows it", Ruling.ASK: "asks", Ruling.DENY: "denies it"}


def sentence(fact: facts.AnyFact) -> str:
    """
    Say one fact to a person, on one line, whatever was written into it.

    >>> sentence(facts.Kept(by="U1"))
    'U1 decided that the change stays.'
    """
    asked = _opening(fact) or _waiting(fact) or _agreeing(fact)
    told = asked or _doing(fact) or _proving(fact) or _ending(fact) or outside.said(fact)
    told = told or calls.said(fact) or orders.said(fact)
    return _stop(visible.line(told or fact.kind))


def _opening(fact: facts.AnyFact) -> str:  # noqa: C901, PLR0911 - one arm a kind
    match fact:
        case facts.Opened(glass=facts.BreakGlass() as glass):
            asked = f"BREAK-GLASS: {glass.by} asked to override policy's no in {glass.of}"
            return f"{asked}: {glass.why}; opened for {fact.title}"
        case facts.Opened(undoes=undoes) if undoes:
            by = f"{fact.wish.by} asked" if fact.wish else "Opened"
            return f"{by} to take back {undoes}: {fact.title}"
        case facts.Opened(wish=facts.Wish() as wish):
            how = "to be shown only" if wish.dry_run else "to be carried out"
            given = measured(dict(wish.given)) if wish.given else "no parameters"
            asked = f"{wish.by} asked for runbook {wish.runbook}"
            return f"{asked}, {how}, with {given}{because(wish.why)}"
        case facts.Opened(alert=alert):
            about = f"{alert.name} from {alert.source}: {alert.summary}" if alert else fact.title
            again = f"; the same trouble as {fact.relapse_of}" if fact.relapse_of else ""
            again += f"; its alerts waited behind {fact.after}" if fact.after else ""
            again += f"; {alert.brought_by} pointed to it" if alert and alert.brought_by else ""
            again += f"; asked again for {fact.again_for}" if fact.again_for else ""
            if quiet := fact.quiet:
                again += f"; nobody is told of it until {utc(quiet.until)}: {quiet.why}"
            return f"Opened for {about}{again}"
        case facts.Joined(alert=alert):
            news = "fires" if alert.firing else "was resolved by its sender"
            waits = f", of another cause ({fact.apart})" if fact.apart else ""
            return f"Alert {alert.name} from {alert.source} {news}{waits}"
        case facts.PassedOn():
            alerts = f"{fact.count} alerts" if fact.count > 1 else "1 alert"
            goes = "go" if fact.count > 1 else "goes"
            return f"{alerts} {goes} on in {fact.to}{listed(fact.alerts)}"
        case facts.News():
            return "The alert is clear" if fact.cleared else f"It fires again, now {fact.again}"
        case facts.Chosen(runbook=""):
            return f"No runbook fits{listed(f'{m.runbook}: {m.reason}' for m in fact.misses)}"
        case facts.Chosen():
            return f"Runbook {fact.runbook} fits{listed(fact.because)}"
        case facts.Diagnosed():
            return f"Evidence was read{listed(map(reading, fact.readings))}"
    return ""


def _agreeing(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Planned(healthy=True):
            seen = listed(map(reading, fact.readings))
            return f"The success criteria hold already, so there is nothing to do{seen}"
        case facts.Planned(plan=None):
            return f"No plan could be made{listed(fact.refused)}"
        case facts.Planned():
            risk = f"risk {fact.risk.level} ({fact.risk.score})" if fact.risk else "risk unknown"
            moved = f"; since it was shown: {'; '.join(fact.moved)}" if fact.moved else ""
            return (f"Plan {fact.digest[:12]} was made (round {fact.round}), {risk}; "
                    f"policy {RULINGS[fact.ruling]}{_override(fact.overrides)}{moved}")  # fmt: skip
        case facts.Shown():
            return f"Only shown, in stage dry_run: policy {fact.says}"
        case facts.Allowed():
            return f"Policy allows plan {fact.digest[:12]} without asking"
        case facts.Asked(request=request):
            whom = ", ".join(request.words) or "nobody"
            also = "".join(f" and somebody of {one.name}" for one in request.demands)
            asked = (
                f"{_over(request.override, 'Asked')} {whom} for approval (round {request.round})"
            )
            return f"{asked}: {request.quorum}{also} needed until {utc(request.expires_at)}"
        case facts.Reminded(fallback=True):
            return f"Most of the time is gone and nobody decided (round {fact.round})"
        case facts.Reminded():
            return f"Half of the time is gone and nobody decided (round {fact.round})"
    return _deciding(fact)


def _deciding(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Edited():
            return f"{fact.by} edited the plan of round {fact.round}{listed(fact.changes)}"
        case facts.Snoozed():
            return f"{fact.by} wants to be reminded at {utc(fact.until)}"
        case facts.Voted():
            return _voted(fact)
        case facts.Barred():
            return f"{fact.who} may not decide this{because(fact.why)}"
        case facts.Decided():
            by = f" by {', '.join(fact.by)}" if fact.by else ""
            by += _in_advance(fact.permit) if fact.permit else ""
            done = "" if fact.ending is Ending.APPROVED else "; nothing was executed"
            return f"The request was {fact.ending}{by}{because(fact.why)}{done}"
        case facts.Rebuilt(changes=()):
            return f"Built again, the plan is the same ({fact.digest[:12]}): the yes holds"
        case facts.Rebuilt():
            return f"The plan moved after it was shown{listed(fact.changes)}"
    return ""


def _waiting(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Rebuilt(changes=(), waited=True):
            return f"Its turn came: built again, the plan is the same ({fact.digest[:12]})"
        case facts.Queued():
            how = "It moved up" if fact.advanced else "It waits its turn"
            until = "" if fact.advanced else f", until {utc(fact.until)} at most"
            return f"{how}: {fact.place} of {fact.of}{until}{because(fact.why)}"
        case facts.Proposed():
            linked = ", ".join(fact.incidents)
            return f"{fact.by} proposed a problem record for {fact.title}: it links {linked}"
        case facts.TurnCame():
            return "It is its turn"
        case facts.Quieted(quiet=facts.Quiet() as quiet):
            return f"Nobody is told of it until {utc(quiet.until)}{because(quiet.why)}"
        case facts.Quieted():
            return f"Nobody was told of it until now{because(fact.why)}"
        case facts.Waits():
            named = ", ".join(one.says for one in fact.needed)
            return f"It waits for what it needs, until {utc(fact.until)} at most: {named}"
        case facts.GoesOn():
            return "What it waited for is over"
    return ""


def _voted(fact: facts.Voted) -> str:
    """Who said what, in what capacity, and whose earlier yes was found to count no more."""
    vote, held = fact.vote, (fact.grounds or {}).get(fact.vote.who, ())
    words = ", ".join(word for word in held if word != vote.who)
    how = f"{' by a reaction' if vote.reacted else ''}{f', as one of {words}' if words else ''}"
    lost = f"; the yes of {', '.join(fact.lapsed)} counts no more" if fact.lapsed else ""
    return f"{vote.who} said {'yes' if vote.yes else 'no'}{how}{because(vote.why)}{lost}"


def _doing(fact: facts.AnyFact) -> str:  # noqa: PLR0911 - one arm a kind
    match fact:
        case facts.Started(refused=refused) if refused:
            return f"The run may not begin after all{listed(refused)}"
        case facts.Started():
            where = ", ".join(fact.targets)
            began = f"{_over(fact.overrides, 'The')} run of {fact.runbook} began on {where}"
            return f"{began} (plan {fact.digest[:12]})"
        case facts.Claimed(stop=stop) if stop:
            return f"Nothing more begins: {stop}"
        case facts.Claimed():
            begins = "is taken up from another replica" if fact.again else "begins"
            return f"{'Rolling back step' if fact.back else 'Step'} {fact.number} {begins}"
        case facts.Stepped():
            doubt = " (an earlier life had begun it)" if fact.uncertain else ""
            which = f"Rollback of step {fact.number}" if fact.back else f"Step {fact.number}"
            took = f" after {span(fact.seconds)}" if fact.seconds else ""
            return f"{which} {fact.ending}{took}{doubt}{because(fact.says)}"
        case facts.Acted(failed=failed) if failed:
            return f"The steps ended early: {failed}"
        case facts.Acted(cancelled=cancelled) if cancelled:
            return f"The steps were stopped at a safe point: {cancelled}"
        case facts.Acted():
            return "Every step was carried out"
    return ""


def _proving(fact: facts.AnyFact) -> str:  # noqa: C901, PLR0911 - one arm a kind
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
            return f"The original recovered{because(fact.why)}"
        case facts.Cancelling():
            return f"{fact.by} asked the run to stop{because(fact.why)}"
        case facts.Kept():
            return f"{fact.by} decided that the change stays"
        case facts.Reviewed():
            return f"{fact.by} reviewed the outcome: {fact.says}"
        case facts.Exhibited():
            return f"{fact.title} is kept as {fact.name}: {fact.says}"
        case facts.TakenBack():
            return f"It was taken back by {fact.by}"
        case facts.RolledBack():
            how = "The way back was taken" if fact.clean else "The rollback FAILED"
            return f"{how}{because(fact.says.removeprefix('the rollback FAILED: '))}"
    return ""


def _proof(fact: facts.Proof) -> str:
    how = "verified" if fact.passed else "NOT verified"
    checks = "1 check" if fact.checks == 1 else f"{fact.checks} checks"
    looked = f"{checks} in {span(fact.seconds)}, held {span(fact.held)}"
    return f"{how}: {fact.why}; {looked}{listed(map(reading, fact.readings))}"


def _ending(fact: facts.AnyFact) -> str:
    match fact:
        case facts.Escalated():
            role = f" ({', '.join(fact.calls)})" if fact.calls else ""
            then = because(fact.say) + calls.held(fact)
            return f"Escalated to {fact.to}{role}{because(fact.why)}{then}"
        case facts.Closed():
            return f"Ended ({fact.event}){because(fact.says)}"
        case facts.CameBack():
            return f"It was not fixed: {fact.alert.name} fired again, now {fact.again}"
        case facts.Expired(deadline=deadline):
            until = f" at {utc(deadline)}" if deadline else ""
            return f"A wait for an answer ended{until} without one"
        case facts.Refused():
            return f"Refused at {fact.door}{because(fact.why)}"
    return ""


def _in_advance(use: Use) -> str:
    left = f"{use.left} of {use.runs} runs left, until {utc(use.until)}"
    return f" in advance, with pre-approval {use.id} ({left})"


def _override(rules: tuple[str, ...]) -> str:
    return f", and BREAK-GLASS may override {', '.join(rules)}" if rules else ""


def _over(rules: tuple[str, ...], begins: str) -> str:
    """The first word of a sentence, behind the loudest mark that there is."""
    return f"BREAK-GLASS over {', '.join(rules)}: {begins.lower()}" if rules else begins


def _stop(text: str) -> str:
    return text if text.endswith((".", "…")) else f"{text}."
