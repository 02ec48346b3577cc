"""What people felt: faults, and how long they waited."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from benchmarks.crash.book import Book, Mishap
from benchmarks.crash.browser import TIMEOUT
from benchmarks.crash.findings import Check
from benchmarks.crash.killing import Kill

# After all works again: requests that were begun before, and connections of a pool that find out late.
_GRACE = 3.0


def faults(book: Book, kills: Sequence[Kill]) -> list[Check]:
    """A page that says to wait, or a broken connection, only while something is killed; a fault never."""
    broken = [one for one in book.mishaps if one.status not in {0, 503}]
    lonely = [one for one in book.mishaps if one.status in {0, 503} and not _excused(one, kills)]
    kinds = Counter("no answer" if one.status == 0 else "waiting page" for one in book.mishaps
                    if one.status in {0, 503})  # fmt: skip
    note = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
    asked = book.asked
    return [
        Check("fault", "No request ended in a fault, killed or not", asked, _told(broken, kills)),
        Check(
            "lonely",
            f"Nobody had to wait except within {_GRACE:.0f} s of a kill or while a web worker started",
            asked,
            _told(lonely, kills),
            note,
        ),
    ]


def hangs(book: Book, kills: Sequence[Kill]) -> Check:
    """While a web server starts, its socket takes connections that nobody serves yet: those may wait."""
    long = [one for one in book.mishaps if one.seconds >= TIMEOUT - 1]
    lonely = [one for one in long if not _excused(one, kills)]
    wrong = [f"{one.what} had no answer for {one.seconds:.1f} s{_after(one, kills)}" for one in lonely]
    note = f"slowest good answer {book.slowest:.1f} s; {len(long)} waited so long while something started"
    return Check("hang", f"No request hung for {TIMEOUT:.0f} s but during a kill", book.asked, wrong, note)


def _excused(mishap: Mishap, kills: Sequence[Kill]) -> bool:
    """Begun or ended while something was away."""
    begun, starts = mishap.at - mishap.seconds, _web_starts(kills)
    return any(
        begun <= kill.at + kill.away + _GRACE + starts * (kill.what == "web worker") and mishap.at >= kill.at
        for kill in kills
    )


def _web_starts(kills: Sequence[Kill]) -> float:
    """Seconds that the web takes to start here: as long, one worker serves everybody after one was killed."""
    return median([kill.away for kill in kills if kill.what == "web server"] or [0.0])


def _told(mishaps: Sequence[Mishap], kills: Sequence[Kill]) -> list[str]:
    return [f"{one.what}: {one.status or 'no answer'}{_after(one, kills)}" for one in mishaps]


def _after(mishap: Mishap, kills: Sequence[Kill]) -> str:
    before = [kill for kill in kills if kill.at <= mishap.at]
    if not before:
        return ", before any kill"
    return f", {mishap.at - before[-1].at:.1f} s after kill {before[-1].number} ({before[-1].what})"
