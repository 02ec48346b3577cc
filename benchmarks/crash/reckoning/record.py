"""The record, the queue and the tables themselves."""

from collections import Counter

from django.db import connection, connections

from benchmarks.crash.findings import Check
from loket.audit import queries as audit
from loket.audit.models import Entry
from loket.casework.models import Case
from loket.payments.models import Receipt

_JOBS = "SELECT status, task_name, count(*) FROM procrastinate_jobs {} GROUP BY 1, 2 ORDER BY 1, 2"
_UNFINISHED = "WHERE status <> 'succeeded' AND NOT (status = 'todo' AND scheduled_at > now())"
_FOREIGN = """
SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text,
    (SELECT attname FROM pg_attribute WHERE attrelid = c.conrelid AND attnum = c.conkey[1]),
    (SELECT attname FROM pg_attribute WHERE attrelid = c.confrelid AND attnum = c.confkey[1])
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
WHERE c.contype = 'f' AND n.nspname = 'public' AND array_length(c.conkey, 1) = 1
"""
_CHECKS = """
SELECT conname, conrelid::regclass::text, pg_get_expr(conbin, conrelid) FROM pg_constraint c
JOIN pg_namespace n ON n.oid = c.connamespace WHERE contype = 'c' AND n.nspname = 'public'
"""


def checks() -> list[Check]:
    return [_record(), _entries(), _jobs(), _constraints()]


def _record() -> Check:
    verdict = audit.verify()
    wrong = [str(finding) for finding in verdict.findings]
    if verdict.witnessed is None:
        wrong.append("the witness could not be read")
    note = f"{verdict.checkpoints} checkpoints, {verdict.unsealed} entries not sealed yet"
    return Check(
        "audit", "The record is proved against its checkpoints and witness", verdict.sealed, wrong, note
    )


def _entries() -> Check:
    """What was done has its entry, once: nothing is done that the record does not say."""
    wrong: list[str] = []
    sent = Counter(Entry.objects.filter(action="application.submitted").values_list("about_id", flat=True))
    for reference in Case.objects.values_list("reference", flat=True):
        count = sent.pop(reference, 0)
        if count != 1:
            wrong.append(f"case {reference} has {count} entries of being sent")
    wrong += [f"{reference} was recorded as sent, and is no case" for reference in sent]
    paid = Entry.objects.filter(action="payment.paid").count()
    if paid != Receipt.objects.count():
        wrong.append(f"{paid} payments recorded as paid, {Receipt.objects.count()} receipts")
    return Check("entry", "Whatever was done stands in the record, once", Entry.objects.count(), wrong)


def _jobs() -> Check:
    with connection.cursor() as cursor:
        cursor.execute(_JOBS.format(_UNFINISHED))
        wrong = [f"{count} jobs {task} are {status}" for status, task, count in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM procrastinate_jobs")
        left = int(cursor.fetchone()[0])
        cursor.execute("SELECT last_value FROM procrastinate_jobs_id_seq")
        made = int(cursor.fetchone()[0])
    return Check("job", "Every job ended well", made, wrong, f"{left} are planned for later")


def _constraints() -> Check:
    """Asked of the rows themselves, for an index or a constraint may be wrong after a crash."""
    wrong: list[str] = []
    looked_at = 0
    for alias in ("default", "keys"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SET enable_indexscan = off")
            cursor.execute("SET enable_indexonlyscan = off")
            cursor.execute("SET enable_bitmapscan = off")
            cursor.execute(_CHECKS)
            rules = cursor.fetchall()
            for name, table, rule in rules:
                cursor.execute(f"SELECT count(*) FROM {table} WHERE NOT ({rule})")
                wrong += [f"{count} rows of {table} break {name}" for (count,) in cursor.fetchall() if count]
            cursor.execute(_FOREIGN)
            links = cursor.fetchall()
            for name, table, other, column, key in links:
                cursor.execute(
                    f'SELECT count(*) FROM {table} a WHERE a."{column}" IS NOT NULL AND NOT EXISTS '
                    f'(SELECT FROM {other} b WHERE b."{key}" = a."{column}")'
                )
                wrong += [f"{count} rows of {table} break {name}" for (count,) in cursor.fetchall() if count]
            cursor.execute("RESET ALL")
            looked_at += len(rules) + len(links)
    return Check("constraint", "Every rule and link of every table holds for its rows", looked_at, wrong)
