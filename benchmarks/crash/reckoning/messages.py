"""Messages: every one that is due went, once, or twice only where nobody could tell."""

from collections import Counter
from collections.abc import Sequence

from django.db.models import Sum

from benchmarks.crash.findings import Check
from loket.casework.models import Case
from loket.kernel import clock
from loket.notifications.models import Message, MessageDay
from loket.notifications.types import State, SubjectKind

# Twice the worker's senders: how many messages a worker that dies may have had on their way.
IN_FLIGHT = 16


def checks(taken: Sequence[str], worker_deaths: int) -> list[Check]:
    arrived = Counter(one.strip("<>").partition("@")[0] for one in taken)
    rows = list(Message.objects.values_list("id", "state", "attempts", "due_at"))
    now = clock.now()
    lost = [f"message {row_id} went, and never arrived" for row_id, state, _, _ in rows
            if state == State.SENT and not arrived[str(row_id)]]  # fmt: skip
    waiting = [f"message {row_id} is {state}" for row_id, state, _, due_at in rows
               if state in {State.QUEUED, State.SENDING} and due_at <= now]  # fmt: skip
    failed = [f"message {row_id} is {state}" for row_id, state, _, _ in rows
              if state in {State.FAILED, State.CANCELLED}]  # fmt: skip
    return [
        Check("message", "Every message that is due went, and arrived", len(rows), lost + waiting + failed),
        _one_for_each(),
        _twice(arrived, {str(row_id): attempts for row_id, _, attempts, _ in rows}, worker_deaths),
    ]


def _one_for_each() -> Check:
    """Whoever applied was written to about it; this knows nothing of what else services say.

    By the letter that it arrived, or where it was paid before that could be written, by one about the money.
    """
    written = set(Message.objects.filter(subject_kind=SubjectKind.CASE).values_list("subject_id", flat=True))
    rows = list(Case.objects.filter(reachable=True).values_list("id", "reference"))
    silent = [f"nobody wrote to the applicant of {ref}" for case_id, ref in rows if case_id not in written]
    return Check("told", "Everybody who applied was written to", len(rows), silent)


def _twice(arrived: Counter[str], attempts: dict[str, int], worker_deaths: int) -> Check:
    wrong = [f"a message {name} that nobody sent" for name in arrived if name not in attempts]
    copies = {name: count for name, count in arrived.items() if count > 1}
    uncertain = int(MessageDay.objects.aggregate(all=Sum("uncertain"))["all"] or 0)
    bound = IN_FLIGHT * worker_deaths
    extra = sum(copies.values()) - len(copies)
    wrong += [f"message {name} arrived {count} times and was tried {attempts[name]} times"
              for name, count in copies.items() if count > attempts.get(name, count)]  # fmt: skip
    if extra > uncertain:
        wrong.append(f"{extra} copies, and only {uncertain} messages are marked uncertain")
    if uncertain > bound:
        wrong.append(f"{uncertain} uncertain: more than {bound} that dead workers can have had on their way")
    note = f"{extra} arrived twice, {uncertain} marked uncertain, at most {bound} could be"
    return Check(
        "message-twice", "No message went twice unless it is marked uncertain", len(arrived), wrong, note
    )
