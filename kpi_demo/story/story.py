"""What the story is told of: people, customers, sites and texts, as JSON."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cache, reduce
from operator import getitem
from pathlib import Path
from random import Random
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from odoo import Command
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.worktime import (
    Attendance,
    WorkCalendar,
    due,
    to_datetime,
    to_instants,
    work_seconds,
)
from odoo.addons.kpi_base.engine.worktime import Timeline as WorkTimeline

FOLDER = Path(__file__).parents[1] / "facts"
HOME = ZoneInfo("Europe/Berlin")
MONTHS = 18
SEASON = (0.86, 0.96, 1.12, 1.04, 1.0, 1.06, 0.9, 0.78, 1.08, 1.12, 1.14, 0.82)
DIP = (0.52, 0.68)  # share of the story during which supplies were short
DIP_LEVEL = 0.74
OPENING = time(8, 0)
LUNCH = (time(12, 0), time(13, 0))
CLOSING = time(17, 0)


@dataclass(frozen=True)
class Timeline:
    """The year and a half that ends at ``now`` (naive UTC).

    Its days are those of the first company's people, as the last hour or two of a day
    in UTC are the next one for them, and their month may be over.
    """

    now: datetime

    @property
    def today(self) -> date:
        return self.now.replace(tzinfo=timezone.utc).astimezone(HOME).date()

    @property
    def start(self) -> date:
        """First day of the month ``MONTHS`` months before this one."""
        return self.month_start(-MONTHS)

    def month_start(self, offset: int) -> date:
        """First day of the month ``offset`` months from the current one."""
        index = self.today.year * 12 + self.today.month - 1 + offset
        return date(index // 12, index % 12 + 1, 1)

    def month_of(self, day: date) -> int:
        """Months from the current one to that of ``day``."""
        return (day.year - self.today.year) * 12 + day.month - self.today.month

    def at(self, share: float) -> date:
        """The day at which ``share`` (0–1) of the story has passed."""
        return self.start + timedelta(days=round(share * self._length()))

    def progress(self, day: date) -> float:
        """Share of the story that has passed on ``day``, from 0 to 1."""
        return min(max((day - self.start).days / self._length(), 0.0), 1.0)

    def _length(self) -> int:
        return (self.today - self.start).days

    def level(self, day: date, growth: float) -> float:
        """Business volume on ``day`` relative to the first day without season.

        :param growth: 0.3 = 30% more at the end of the story than at its start
        """
        progress = self.progress(day)
        dip = DIP_LEVEL if DIP[0] <= progress < DIP[1] else 1.0
        return (1.0 + growth * progress) * SEASON[day.month - 1] * dip

    def working_days(self, lead_in: int = 0) -> list[date]:
        """Mondays to Fridays from ``lead_in`` days before the start to yesterday."""
        days = (self.start + timedelta(days=n) for n in range(-lead_in, self._length()))
        return [day for day in days if day.weekday() < 5]

    def events(
        self, rng: Random, per_day: float, growth: float, lead_in: int = 0
    ) -> list[date]:
        """A day for each event of a kind that happens ``per_day`` times at first."""
        happened = []
        for day in self.working_days(lead_in):
            expected = per_day * self.level(day, growth) * rng.uniform(0.5, 1.5)
            count = math.floor(expected + rng.random())
            happened += [day] * count
        return happened

    def moment(self, rng: Random, day: date, tz: str) -> datetime:
        """A moment of the working hours of ``day``."""
        minutes = rng.randrange(0, 8 * 60)
        hours_before_lunch = LUNCH[0].hour - OPENING.hour
        if minutes >= hours_before_lunch * 60:
            minutes += (LUNCH[1].hour - LUNCH[0].hour) * 60
        local = datetime.combine(day, OPENING) + timedelta(
            minutes=minutes, seconds=rng.randrange(60)
        )
        return _to_utc(local, tz)

    def days_later(
        self, rng: Random, moment: datetime, days: float, tz: str
    ) -> datetime | None:
        """A working moment about ``days`` after ``moment``; None if not yet reached."""
        day = (moment + timedelta(days=max(days, 1.0))).date()
        while day.weekday() > 4 or day <= moment.date():
            day += timedelta(days=1)
        later = self.moment(rng, day, tz)
        return later if later < self.now else None

    def hours_later(self, moment: datetime, hours: float, tz: str) -> datetime | None:
        """``hours`` working hours after ``moment``; None if not yet reached."""
        (instant,) = to_instants([moment]).tolist()
        later = to_datetime(due(_hours_of(tz), instant, round(hours * 3600)))
        return later if later < self.now else None

    def hours_between(self, begin: datetime, end: datetime, tz: str) -> float:
        """Working hours from ``begin`` to ``end``."""
        first, last = to_instants([begin, end]).tolist()
        return work_seconds(_hours_of(tz), first, last) / 3600


SEED = "Nordwind Components"


@dataclass
class Story:
    """State that the chapters of the demo company share: time, chance, records by name.

    What is told in ``facts/*.json`` names records and days so, in any value:

    - ``"@user_anna_berg"``: the record of that name, ``"@user_anna_berg.partner_id"``
      what its field has, ``"=base.de"`` that external id
    - ``{"days": -4}``: counted from today, ``{"days": -4, "at": "13:00:00"}`` in UTC,
      ``{"month": -1}`` the first of a month, ``{"share": 0.5}`` half of the story
    - a list of names is a many2many, a list of tables the rows of a one2many

    :param env: environment in which nothing is tracked and nobody gets mail
    :param records: name → record, such as ``company_de`` or ``department_us_east``
    """

    env: object
    timeline: Timeline
    records: dict = field(default_factory=dict)
    people: list = field(default_factory=list)

    def rng(self, chapter: str) -> Random:
        """Chance of one chapter: the same in every run, whatever others draw."""
        return Random(f"{SEED}/{chapter}")

    def __getitem__(self, name: str):
        return self.records[name]

    def keep(self, name: str, record):
        """Remember ``record`` by ``name`` and as external id ``kpi_demo.<name>``."""
        self.records[name] = record
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"kpi_demo.{name}",
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
        return record

    def make(self, model: str, rows: list[dict], user=None):
        """Records of rows as the facts tell them; for ``user`` in all companies."""
        own = self.as_person(user, model) if user else self.env[model]
        return own.create([self.resolve(row) for row in rows])

    def as_person(self, user, model: str, ids=()):
        """The model as somebody in their companies."""
        records = self.env[model].with_user(user).browse(ids)
        return records.with_context(allowed_company_ids=user.company_ids.ids)

    def play(self, steps: list[dict]):
        """What people did, one after the other; without ``user`` nobody in person.

        A step makes a record of a ``model``, which is then called ``name``, or goes on
        with one (``on``), or with the ``first`` of its rows: ``values`` are written,
        ``then`` others, one after the other, and methods called (``do``, with their
        arguments). A step with ``columns`` makes a record of each of its ``rows``,
        with what they have in ``common``; they are called ``name_1``, ``name_2`` …
        """
        for step in steps:
            user = self[f"user_{step['user']}"] if "user" in step else self.env.user
            if "on" in step:
                record = self[step["on"]]
                record = record[step["first"]][:1] if "first" in step else record
                record = self.as_person(user, record._name, record.ids)
                if "values" in step:
                    record.write(self.resolve(step["values"]))
            elif "columns" in step:
                pairs = [zip(step["columns"], row, strict=True) for row in step["rows"]]
                rows = [{**step.get("common", {}), **dict(pair)} for pair in pairs]
                for number, record in enumerate(self.make(step["model"], rows), 1):
                    self.records[f"{step.get('name')}_{number}"] = record
                continue
            else:
                record = self.make(step["model"], [step["values"]], user)
                if "name" in step:
                    self.keep(step["name"], record)
            for values in step.get("then", ()):
                record.write(self.resolve(values))
            for method, arguments in step.get("do", {}).items():
                getattr(record, method)(**self.resolve(arguments))

    def resolve(self, value):
        """What a value of the facts means to Odoo."""
        match value:
            case str() if value.startswith("@"):
                name, *path = value[1:].split(".")
                return reduce(getitem, path, self[name]).id
            case str() if value.startswith("="):
                return self.env.ref(value[1:]).id
            case {"days": days, **clock}:
                day = self.timeline.today + timedelta(days=days)
                return f"{day} {clock['at']}" if clock else day
            case {"month": offset}:
                return self.timeline.month_start(offset)
            case {"share": share} if len(value) == 1:
                return self.timeline.at(share)
            case dict():
                return {name: self.resolve(each) for name, each in value.items()}
            case [dict(), *_]:
                return [Command.create(self.resolve(row)) for row in value]
            case [str() as first, *_] if first[0] in "@=":
                return [Command.set([self.resolve(each) for each in value])]
        return value


def load(name: str) -> dict:
    """Tables of the file ``facts/<name>.json``, by name."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def load_rows(table: dict) -> list[SimpleNamespace]:
    """Rows of a table that says what its columns are ``about``, and their defaults."""
    return [SimpleNamespace(**{**table["defaults"], **row}) for row in table["rows"]]


@cache
def _hours_of(tz: str) -> WorkTimeline:
    parts = ((OPENING, LUNCH[0]), (LUNCH[1], CLOSING))
    hours = (Attendance(day, a.hour, b.hour) for day in range(5) for a, b in parts)
    return WorkTimeline(WorkCalendar(tz, tuple(hours)))


def _to_utc(local: datetime, tz: str) -> datetime:
    aware = local.replace(tzinfo=ZoneInfo(tz))
    return aware.astimezone(timezone.utc).replace(tzinfo=None)


def insert_copies(pattern, rows: list[dict]) -> list[int]:
    """Insert copies of the row of ``pattern`` that differ in some columns.

    What the pattern got from defaults and computations, columns of other apps
    included, is retained where a row does not say otherwise. The caller gives every
    stored value that depends on what it changes.

    :param pattern: one record, stored
    :param rows: column name → value of each copy
    :return: ids of the copies, in the order of ``rows``
    """
    pattern.ensure_one()
    if not rows:
        return []
    env = pattern.env
    env.flush_all()
    sequence = SQL(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
        pattern._table,
        len(rows),
    )
    ids = [new_id for (new_id,) in env.execute_query(sequence)]
    copies = [{**row, "id": new_id} for row, new_id in zip(rows, ids, strict=True)]
    env.cr.execute(
        SQL(
            """
            INSERT INTO %(table)s
            SELECT copy.*
              FROM %(table)s AS pattern
        CROSS JOIN LATERAL jsonb_populate_recordset(pattern, %(copies)s::jsonb) AS copy
             WHERE pattern.id = %(pattern_id)s
            """,
            table=SQL.identifier(pattern._table),
            copies=json.dumps(copies, default=str),
            pattern_id=pattern.id,
        )
    )
    env.invalidate_all()
    return ids


def insert_links(env, table: str, columns: Sequence[str], rows: list[tuple]):
    """Insert rows of ids, one for each of the columns, into a many2many table."""
    if rows:
        env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT * FROM unnest(%s)",
                SQL.identifier(table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(
                    SQL("%s::int[]", [*ids]) for ids in zip(*rows, strict=True)
                ),
            )
        )
    env.invalidate_all()
