"""Golden tests of a detector: whether it sees what its author promised."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bot.catalog.golden import Result
from bot.core import lookout, spelling
from bot.core.catalogue import Service
from bot.core.detector import Detector, DetectorTest
from bot.core.lookout import Sight

ASSUMED = ("assumed", "test")
"""The name and environment of a service that a test describes by its facts alone."""
UNREAD = "nothing was read"


def run_tests(detector: Detector, services: Iterable[Service] = ()) -> tuple[Result, ...]:
    """Run all tests of a detector; one without a service is about the first that it looks at."""
    known = list(services)
    return tuple(
        Result(detector.detector, test.name, tuple(_broken(detector, test, known)))
        for test in detector.tests
    )


def _broken(detector: Detector, test: DetectorTest, services: list[Service]) -> Iterator[str]:
    service, expect = _service(detector, test, services), test.expect
    if service is None:
        yield "it is about no service: say which one by `service`"
        return
    looks = detector.each is None or lookout.wants(detector, service)
    unread = {one.name: UNREAD for one in detector.probes if one.name not in test.evidence}
    seen = lookout.judge(detector, service, test.evidence, unread)
    for field, promised, found in (
        ("watched", expect.watched, looks),
        ("firing", expect.firing, seen.sight is Sight.TROUBLE),
        ("over", expect.over, seen.sight is Sight.CLEAR),
    ):
        if promised is not None and found is not promised:
            why = f" ({seen.why})" if seen.why else ""
            yield f"{field} is {str(found).lower()}: it sees {seen.sight}{why}"
    if expect.summary is not None and expect.summary not in seen.summary:
        said = spelling.quoted(seen.summary)
        yield f"summary is {said}, without {spelling.quoted(expect.summary)}"


def _service(detector: Detector, test: DetectorTest, services: list[Service]) -> Service | None:
    """The service as the test assumes it, else the first of the catalogue that it looks at."""
    if test.service is None:
        return next((one for one in services if lookout.wants(detector, one)), None)
    told = detector.alert
    name, environment = told.service or ASSUMED[0], told.environment or ASSUMED[1]
    return Service(name=name, environment=environment, **test.service.model_dump())
