"""Exporting a service's applications as CSV: rows a second, and what it takes of a web worker's memory."""

import csv
import http.client
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from benchmarks.programs import forget_peak, memory
from benchmarks.rounds import Bench
from benchmarks.wire import BadAnswer

_PATH = "/en/desk/export/"
_LARGEST = """
SELECT service.id, agency.key FROM casework_case AS one
JOIN catalogue_service AS service ON service.id = one.service_id
JOIN identity_agency AS agency ON agency.id = one.agency_id
GROUP BY service.id, agency.key ORDER BY count(*) DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Exporter:
    """A supervisor's session, and the service with the most cases."""

    session: str
    service_id: int


def exporter_of(bench: Bench, email: str) -> Exporter:
    row = bench.watcher.row(_LARGEST)
    session = bench.loket.run_module("benchmarks.signing_in", email, str(row[1]))
    return Exporter(session.strip(), int(str(row[0])))


def export_round(bench: Bench, exporter: Exporter) -> Mapping[str, float]:
    """Raises BadAnswer where no table came."""
    workers = bench.loket.web_workers()
    before = max(memory(pid).resident for pid in workers)
    for pid in workers:
        forget_peak(pid)
    spent, begun = bench.cpu(), time.perf_counter()
    table = _fetched(bench.loket.port, exporter)
    seconds = time.perf_counter() - begun
    after = bench.cpu()
    rows = sum(1 for _ in csv.reader(io.StringIO(table.decode("utf-8-sig")))) - 1
    if rows < 1:
        raise BadAnswer("the export has no rows")
    peak = max(memory(pid).peak for pid in workers)
    return {
        "export_rows_per_second": rows / seconds,
        "export_peak_mb": peak,
        "export_growth_mb": peak - before,
        "export_rows": rows,
        "export_seconds_for_50000": 50_000 * seconds / rows,
        "cpu_ms_per_journey": (after.all - spent.all) / rows * 1000,
    }


def _fetched(port: int, exporter: Exporter) -> bytes:
    """As a browser does it: the form first, then the table."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    cookies = {"sessionid": exporter.session}
    headers = {"X-Forwarded-Proto": "https", "Origin": "https://127.0.0.1", "Host": "127.0.0.1"}
    connection.request("GET", _PATH, headers=headers | {"Cookie": _sent(cookies)})
    page = connection.getresponse()
    page.read()
    for name, value in page.getheaders():
        if name.lower() == "set-cookie":
            cookie, _, kept = value.partition(";")[0].partition("=")
            cookies[cookie] = kept
    fields = {
        "service": str(exporter.service_id),
        "reason": "a benchmark",
        "csrfmiddlewaretoken": cookies.get("csrftoken", ""),
    }
    headers |= {"Content-Type": "application/x-www-form-urlencoded", "Cookie": _sent(cookies)}
    connection.request("POST", _PATH, urlencode(fields), headers)
    answer = connection.getresponse()
    table = answer.read()
    connection.close()
    if answer.status != 200 or not answer.getheader("Content-Type", "").startswith("text/csv"):
        raise BadAnswer(f"the export answered {answer.status}: {table[:300]!r}")
    return table


def _sent(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
