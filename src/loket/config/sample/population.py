"""A population and its year: who asks what and when, and what becomes of it. The same for the same seed."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

from loket.casework.clockwork import Clockwork
from loket.config.sample import stories
from loket.config.sample.lives import Step
from loket.config.sample.load_curve import Curve
from loket.config.sample.people import Locale, Person, person
from loket.config.sample.stories import ADDRESS, DESK, INFORMATION, REGISTRY, SHAPES, Shape
from loket.kernel.casting import EPOCH, microseconds

SECOND = 1_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3600 * SECOND, 24 * 3600 * SECOND
# Letters of references; 30 of them, as many as there are.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCES = 30**8
# Any number that shares no factor with the number of references scatters them, and gives none twice.
_SCATTER = 277_777_777_777
# What happened later than this ago is still on its way.
_LATELY = 20 * MINUTE
_NIGHT_OVER = 9 * HOUR


@dataclass(frozen=True, slots=True)
class Plan:
    """One case to be: which mould, and what is put into it. Moments count in microseconds."""

    shape: Shape
    language: str
    staff: str
    steps: tuple[Step, ...]
    times: tuple[int, ...]
    texts: tuple[str, ...]

    @property
    def key(self) -> tuple[int, str, str, tuple[Step, ...]]:
        return id(self.shape), self.language, self.staff, self.steps


@dataclass(frozen=True, slots=True)
class Wanted:
    people: int
    cases: int
    seed: int
    years: float
    locale: Locale


class Population:
    """The cases of a population, by their number: each can be planned without the others."""

    def __init__(
        self, wanted: Wanted, now: datetime, zone: ZoneInfo, clockworks: Mapping[tuple[str, str], Clockwork]
    ) -> None:
        self._wanted, self._zone, self._clockworks = wanted, zone, clockworks
        begin = now - timedelta(days=365 * wanted.years)
        self._curve = Curve(begin, now, zone)
        self._until = microseconds(now) - _LATELY
        self._shares = tuple(accumulate(share for share, _ in SHAPES[:-1]))

    def plan(self, number: int) -> Plan:
        """Case `number`, counted from 0; later ones are sent later."""
        wanted = self._wanted
        chance = Random(wanted.seed * 7_368_787 + number)  # noqa: S311 - nobody's secret
        who = person(wanted.seed, int(chance.random() * wanted.people), wanted.locale)
        drawn = chance.random()
        place = bisect_right(self._shares, drawn)
        shape = SHAPES[place][1]
        share = (number + chance.random()) / wanted.cases
        sent = min(microseconds(self._curve.moment(share)), self._until)
        filled = sent - int((3 + 9 * chance.random()) * MINUTE)
        desk = DESK if shape.service == INFORMATION else REGISTRY
        staff = desk[place % len(desk)]
        steps: tuple[Step, ...] = ()
        times: list[int] = [filled, sent]
        if shape.service == INFORMATION:
            done = self._information(shape, who.language, sent, chance)
            steps = tuple(step for _, step in done)
            times += [at for at, _ in done]
        return Plan(
            shape, who.language, staff, steps, tuple(times),
            (self.reference(number), *self._texts(shape, who, sent, chance)),
        )  # fmt: skip

    def reference(self, number: int) -> str:
        value = (number * _SCATTER + self._wanted.seed * 1_000_000_007) % _REFERENCES
        letters = ""
        for _ in range(8):
            value, place = divmod(value, 30)
            letters += _LETTERS[place]
        return f"{letters[:4]}-{letters[4:]}"

    def _information(self, shape: Shape, language: str, sent: int, chance: Random) -> list[tuple[int, Step]]:
        """What an officer does with a request: takes it on, often asks, decides; a few lie for ever."""
        urgent = bool(shape.answers["urgent"])
        draw = chance.random()
        if draw < 0.04 and not urgent:
            return []
        hurry = 0.2 if urgent else 1.0
        taken = self._in_office(sent + int(chance.lognormvariate(0.2, 0.7) * hurry * DAY), chance)
        done = [(taken, stories.take())]
        last = taken
        if draw < 0.25:
            asked = self._in_office(taken + int(chance.lognormvariate(0.0, 0.6) * hurry * DAY), chance)
            last = self._answering(shape, language, asked, chance, done)
        if last:
            decided = self._in_office(last + int(chance.lognormvariate(1.3, 0.8) * hurry * DAY), chance)
            fate = chance.random()
            action = "grant" if fate < 0.62 else "partly_grant" if fate < 0.83 else "refuse"
            done.append((decided, stories.decide(action, language)))
        # Reminders and lapses may tell of themselves only in the morning.
        return [
            (at, step)
            for at, step in sorted(done, key=lambda one: one[0])
            if at < self._until - (_NIGHT_OVER if step in {stories.REMIND, stories.LAPSE} else 0)
        ]

    def _answering(
        self, shape: Shape, language: str, asked: int, chance: Random, done: list[tuple[int, Step]]
    ) -> int:
        """Asked back: a reminder comes, an answer too, or nothing until it lapses. When it was answered."""
        clockwork = self._clockworks[shape.service, shape.medium or ""]
        done.append((asked, stories.ask(language)))
        ends = clockwork.stage_due("waiting", asked)
        if ends is None:
            raise ValueError("the service no longer gives a term to answer in")
        reminded = clockwork.remind_before(ends, asked) + int(chance.random() * MINUTE)
        answered = asked + int(chance.lognormvariate(1.2, 0.9) * DAY)
        done.append((reminded, stories.REMIND))
        if answered >= ends:
            done.append((ends + int((1 + chance.random() * 59) * SECOND), stories.LAPSE))
            return 0
        done.append((answered, stories.reply(language)))
        return answered

    def _in_office(self, moment: int, chance: Random) -> int:
        """The moment, or a moment of the next working morning where the office is closed."""
        local = (EPOCH + timedelta(microseconds=moment)).astimezone(self._zone)
        if local.weekday() < 5 and 8 <= local.hour < 16:
            return moment
        day = local.date() + timedelta(days=0 if local.hour < 8 else 1)
        while day.weekday() >= 5:
            day += timedelta(days=1)
        opened = datetime(day.year, day.month, day.day, 8, tzinfo=self._zone)
        return microseconds(opened.astimezone(UTC)) + int(chance.random() * 7 * HOUR)

    def _texts(self, shape: Shape, who: Person, sent: int, chance: Random) -> tuple[str, ...]:
        texts = {
            "name": who.full_name,
            "email": who.email,
            "phone": who.phone,
            "national_id": who.national_id,
            "born_on": who.born_on,
        }
        if shape.service == INFORMATION:
            topics = stories.sayings().topics[who.language]
            texts["topic"], texts["information"] = topics[int(chance.random() * len(topics))]
            return tuple(texts[name] for name in shape.fields)
        before = person(self._wanted.seed, int(chance.random() * 1_000_000), self._wanted.locale)
        moved = date(2000, 1, 1) + timedelta(days=sent // DAY - int(chance.random() * 40))
        texts |= {
            "old_street": before.street,
            "old_town": before.town,
            "old_postcode": before.postcode,
            "new_street": who.street,
            "new_town": who.town,
            "new_postcode": who.postcode,
            "moved_on": moved.isoformat(),
        }
        return tuple(texts[name] for name in shape.fields)


__all__ = ["ADDRESS", "Plan", "Population", "Wanted"]
