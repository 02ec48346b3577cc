"""The clock jumps: an hour and a day, ahead and back, under load."""

from pathlib import Path

from benchmarks.crash.trials.trial import Trial
from benchmarks.crash.trials.weather import Weather, counted, troubles

_JUMPS = (3600.0, 0.0, 86400.0, 0.0, -3600.0, 0.0, -86400.0, 0.0)
_EACH = 2.5


def jump(weather: Weather, clock: Path) -> Trial:
    """Web and worker see the same clock. PostgreSQL's stays, as that of another host would."""
    before, here = len(weather.book.mishaps), float(clock.read_text())
    with weather.crowd() as crowd:
        for offset in _JUMPS:
            clock.write_text(str(here + offset))
            weather.watch(_EACH)
    mishaps = weather.book.mishaps[before:]
    sent = sum(story.sent for story in weather.book.stories)
    return Trial(
        "Clock jumps",
        "an hour and a day, ahead and back, each for 2.5 s: no fault, nothing lost, nothing twice",
        f"{len(_JUMPS)} jumps, {sent} applications sent so far, {counted(mishaps)}",
        troubles(crowd, mishaps) + [f"{one.what}: {one.status}" for one in mishaps],
    )
