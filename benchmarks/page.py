"""docs/performance.md: what a run of the bench measured, beside the peers and the goals, with bars."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.installation import ROOT
from benchmarks.peers import REQUESTS, WHOLE, Line

FILE = ROOT / "docs" / "performance.md"
_WIDTH = 24
_EIGHTHS = "▏▎▍▌▋▊▉█"
_TOLD = (
    ("journeys_per_second", "applications/s"),
    ("journeys_done_per_second", "all done/s"),
    ("api_per_second", "POSTs/s"),
    ("requests_per_second", "requests/s"),
    ("cpu_ms_per_journey", "CPU ms each"),
    ("p50_ms", "p50 ms"),
    ("p95_ms", "p95 ms"),
    ("p99_ms", "p99 ms"),
    ("sql_statements", "statements"),
)
Results = Mapping[str, Any]


def write(results: Results, file: Path = FILE) -> None:
    file.write_text(text(results), encoding="utf-8")


def text(results: Results) -> str:
    lines = [
        "# Performance",
        "",
        "Written by `make bench` (`loket bench --write`), never by hand: every figure of Loket on this page "
        "was measured by the run that wrote it.",
        "",
        *_about(results),
        "",
        "## Beside the peers",
        "",
        "The same application of 14 answers (8 on the first page, 6 on the second, one of them a text of "
        "some 700 characters). Peers as measured in November 2026 on 2 processors and 24 GB, with client, "
        "server and database on the same machine. The longest bar of a group stands for its largest value.",
        *_beside(results, WHOLE),
        "",
        "## Single requests",
        *_beside(results, REQUESTS),
        *_sizes(results),
        *_overload(results),
        "",
        "## Everything measured",
        "",
        "Medians over the rounds; in brackets how far the rounds lie apart. *Of the ceiling* is the rate as "
        "a share of what a plain Django view with one INSERT reaches under the same server, on the same "
        "database, in the same round.",
        *_everything(results),
    ]
    return "\n".join(lines) + "\n"


def bar(value: float, longest: float, width: int = _WIDTH) -> str:
    """A bar of eighths of a letter; whatever is there shows at least the thinnest."""
    eighths = max(1, round(value / longest * width * 8)) if longest > 0 and value > 0 else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest - 1] if rest else "")


def measured(results: Results, line: Line) -> float | None:
    levels = results["scenarios"].get(line.scenario, {})
    chosen = levels.values() if not line.at_once else [levels.get(str(line.at_once), {})]
    values = [value for one in chosen if (value := one.get(line.key)) is not None]
    if not values:
        return None
    return float(max(values) if line.more else min(values))


def _about(results: Results) -> Iterator[str]:
    machine = results["machine"]
    yield (
        f"{results['at'][:10]}, Loket {results['loket']}, {results['minutes']} minutes. "
        f"{machine['processors']} × {machine['processor']}, {machine['memory_gb']} GB, {machine['system']}, "
        f"Python {machine['python']}, database on {machine['file_system']}, "
        f"load before {machine['load_before']}."
    )
    yield ""
    yield f"    {results['command']}"


def _beside(results: Results, lines: Sequence[Line]) -> Iterator[str]:
    yield ""
    yield "| what | who | figure | |"
    yield "|---|---|---:|---|"
    for line in lines:
        value = measured(results, line)
        peers = line.peers or {}
        longest = max([value or 0.0, line.goal, *peers.values()])
        verdict = "not measured" if value is None else "met" if line.met(value) else "**missed**"
        yield f"| {line.words} | Loket | {_figure(value, line.unit)} | `{bar(value or 0, longest)}` |"
        for peer, reached in peers.items():
            yield f"| | {peer} | {_figure(reached, line.unit)} | `{bar(reached, longest)}` |"
        least = "at least" if line.more else "at most"
        yield f"| | goal: {verdict} | {least} {_figure(line.goal, line.unit)} | `{bar(line.goal, longest)}` |"


def _sizes(results: Results) -> Iterator[str]:
    """How cost grows with history: medians by how many cases the database holds."""
    found: dict[str, dict[int, float]] = {}
    for key, levels in results["scenarios"].items():
        name, _, size = key.rpartition("_")
        if size.isdecimal() and levels.get("1", {}).get("p50_ms") is not None:
            found.setdefault(name, {})[int(size)] = levels["1"]["p50_ms"]
    if not found:
        return
    sizes = sorted({size for several in found.values() for size in several})
    yield ""
    yield "## As history grows"
    yield ""
    yield "Medians in milliseconds, one person alone, by how many cases the database holds."
    yield ""
    yield f"| | {' | '.join(f'{size:,}' for size in sizes)} |"
    yield f"|---|{'---:|' * len(sizes)}"
    for name, several in found.items():
        cells = [_figure(several.get(size), "") for size in sizes]
        yield f"| {name.replace('_', ' ')} | {' | '.join(cells)} |"


_OF_OVERLOAD = (
    ("undisturbed_per_second", "applications/s undisturbed, eight at once"),
    ("arrived_per_second", "people who arrived each second"),
    ("goodput_per_second", "applications/s finished meanwhile, after the first 5 s"),
    ("goodput_share", "of the undisturbed rate"),
    ("let_in_share", "of all who came were let in"),
    ("waiting_page_share", "of all who came saw the waiting page until the end"),
    ("finished_share_of_let_in", "of those let in finished"),
    ("first_answer_p50_ms", "ms to the first answer of any kind, median"),
    ("first_answer_p99_ms", "ms to the first answer, slowest hundredth"),
    ("waiting_page_p99_ms", "ms to a waiting page, slowest hundredth"),
    ("overtaken_share", "of waiting pages went to somebody overtaken by a later ticket"),
    ("answers_sent_back", "times answers came back in a page to be sent again"),
    ("answers_missing", "of these without the answers"),
    ("faults", "answers that were faults (5xx other than the waiting page)"),
    ("cases_lost", "confirmed applications without a case"),
    ("recovered_after_s", "s after the last arrival until newcomers were let in at once again"),
)


def _overload(results: Results) -> Iterator[str]:
    """Ten times as many people as can be served."""
    for times, figures in results["scenarios"].get("overload", {}).items():
        yield ""
        yield f"## {times} times as many people as can be served"
        yield ""
        yield "| figure | |"
        yield "|---:|---|"
        for key, words in _OF_OVERLOAD:
            yield f"| {_figure(figures.get(key), '')} | {words} |"


def _everything(results: Results) -> Iterator[str]:
    told = [(key, words) for key, words in _TOLD if _anywhere(results, key)]
    yield ""
    yield f"| scenario | at once | {' | '.join(words for _, words in told)} | of the ceiling |"
    yield f"|---|---:|{'---:|' * (len(told) + 1)}"
    for name, levels in results["scenarios"].items():
        for at_once, figures in levels.items():
            if name == "overload":
                continue
            cells = [_with_spread(figures, key) for key, _ in told]
            share = next(
                (
                    figures["ratio_to_ceiling"][key]
                    for key, _ in _TOLD[:4]
                    if key in figures["ratio_to_ceiling"]
                ),
                None,
            )
            yield (
                f"| {name.replace('_', ' ')} | {at_once} | {' | '.join(cells)} "
                f"| {f'{share:.1%}' if share is not None else ''} |"
            )


def _anywhere(results: Results, key: str) -> bool:
    return any(
        figures.get(key) is not None
        for levels in results["scenarios"].values()
        for figures in levels.values()
    )


def _with_spread(figures: Mapping[str, Any], key: str) -> str:
    value = figures.get(key)
    if value is None:
        return ""
    spread = figures["spread"].get(key)
    return f"{_figure(value, '')} (±{spread / 2:.0%})" if spread is not None else _figure(value, "")


def _figure(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    shown = f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
    return f"{shown} {unit}".strip() if unit != "/s" else f"{shown}{unit}"
