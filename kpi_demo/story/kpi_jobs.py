"""The log of the engine: the first computation, calm nights, and one that was not."""

import math
from datetime import datetime, time, timedelta
from time import perf_counter

from odoo import Command, fields
from odoo.tools import SQL

from .story import DIP, load, load_rows

NIGHTS = 14
CHECK = "Nightly check"
CHECKED_DAYS = 92  # as the engine does
ODD_NIGHT = 3  # nights ago
START = time(2, 0)
MORNING = time(9, 30)
FACTS = load("kpi_jobs")
NOT_ASKED = ("customer_satisfaction", "us", 7)  # a survey that was skipped
LATE = 0.06  # share of the entries handed in after their due date


def compute(story, name, domain):
    """Compute sources, with a line of the log for each part."""
    sources, now = story.env["kpi.source"].search(domain), fields.Datetime.now()
    job = _log(story, name, "refresh", now, len(sources))
    for source in sources:
        _run(job, source)
    job.finished_at = fields.Datetime.now()


def log_jobs(story):
    """Log the jobs of the nights before, and those that the controller asked for."""
    sources = story.env["kpi.source"].search_count([])
    for nights_ago in range(NIGHTS, 0, -1):
        night = story.timeline.today - timedelta(days=nights_ago - 1)
        started, seconds = datetime.combine(night, START), 4 + nights_ago % 3
        first = night - timedelta(days=CHECKED_DAYS)
        log = (CHECK, "reconcile", started, sources, seconds)
        job = _log(story, *log, date_from=first)
        if nights_ago == ODD_NIGHT:
            _find_drift(story, job)
    asked = datetime.combine(story.timeline.today - timedelta(days=5), time(8, 20))
    _log(
        story,
        *("Recompute Win Rate", "recompute", asked, 2, 2),
        definition_ids=[Command.set(story["kpi_win_rate"].ids)],
        date_from=story.timeline.month_start(-3),
        date_to=asked.date(),
        requested_by_id=story["user_clara_vogt"].id,
    )


def _log(story, name, kind, started, steps, seconds=0, **values):
    """A job that is done, with all of its steps."""
    return story.env["kpi.job"].create(
        {
            "name": name,
            "kind": kind,
            "state": "done",
            "started_at": started,
            "finished_at": started + timedelta(seconds=seconds),
            "step_count": steps,
            "step_done_count": steps,
            **values,
        }
    )


def _run(job, source, first=None):
    for statement, periods in source._plan(first, None):
        started = perf_counter()
        outcome = source._compute(
            statement,
            periods,
            force=job.kind != "refresh",
            reason=job._revision_reason(),
        )
        job._log_chunk(source, periods, outcome, perf_counter() - started)
    for name in ("written_count", "drift_count"):
        job[name] = sum(job.line_ids.mapped(name))
    source.last_run_at = fields.Datetime.now()


def _find_drift(story, job):
    """Values of a month are changed behind the engine's back, and put right by it."""
    definition = story["kpi_order_count"]
    story.env.flush_all()
    story.env.cr.execute(
        SQL(
            """
            UPDATE kpi_measurement
               SET value = value + 2
             WHERE report_id = ANY(%s)
               AND grain = %s
               AND period_start = %s
            """,
            definition.report_ids.filtered("team_id").ids,
            definition.frequency,
            story.timeline.month_start(-1),
        )
    )
    story.env.invalidate_all()
    for source in definition.source_ids:
        _run(job, source, job.date_from)


def enter_values(story):
    for curve in load_rows(FACTS["curves"]):
        definition = story[f"kpi_{curve.kpi}"]
        values = {
            report: _values(story, curve, definition, report)
            for report in definition.report_ids.sorted("id")
        }
        if definition.computation == "external":
            facts = story.env["kpi.measurement"].sudo()
            facts._upsert(definition.frequency, _rows(values), source="external")
        else:
            _hand_in(story, definition, values)
    _add_notes(story)


def _rows(values):
    return [
        (report.id, period.start, value)
        for report, known in values.items()
        for period, value in known
    ]


def _hand_in(story, definition, values):
    """Entries of a year and a half at once; the latest may wait, or be due yet."""
    waiting, due = ({story[name] for name in FACTS[key]} for key in ("waiting", "due"))
    latest = {}
    for report, known in values.items():
        report.entry_date_from = story.timeline.start
        if report in waiting | due:
            latest[report] = known.pop()
    _create_entries(story, definition, values)
    # A full history at once, in the name of the person responsible.
    facts = story.env["kpi.measurement"].with_user(definition.owner_id).sudo()
    facts._upsert(definition.frequency, _rows(values), source="manual")
    for report, (period, value) in latest.items():
        if report in waiting:
            _enter(report, period.start, value, "Average of all answers so far.")


def _enter(report, start, value, note):
    """Have whoever is responsible enter a value."""
    person = report.with_user(report.owner_id).with_company(report.company_id)
    person._enter_value(start, value, note)


def _create_entries(story, definition, values):
    """Accepted entries, most of them handed in before they were due."""
    rng = story.rng(f"hand in {definition.code}")
    entries = [
        (report, period, value)
        for report, known in values.items()
        for period, value in known
    ]
    due_dates = story.env["kpi.report"]._due_dates([entry[:2] for entry in entries])
    vals_list = []
    for report, period, value in entries:
        due = due_dates[report, period]
        days = rng.randint(1, 4) if rng.random() < LATE else -rng.randint(0, 2)
        moment = datetime.combine(due + timedelta(days=days), MORNING)
        moment = min(moment, story.timeline.now)
        approver = report.has_entry_approval and report.definition_id.owner_id.id
        vals_list.append(
            {
                "report_id": report.id,
                "grain": period.grain,
                "period_start": period.start,
                "value": value,
                "state": "approved",
                "entered_by_id": (report.owner_id or report.user_id).id,
                "submitted_at": moment,
                "decided_at": moment,
                "decided_by_id": approver,
                "due_date": due,
                "is_late": moment.date() > due,
            }
        )
    story.env["kpi.submission"].create(vals_list)


def _add_notes(story):
    """Values entered again, with a note: the former value is stored, too."""
    for code, company, months_ago, change, note in FACTS["notes"]:
        report = story[f"report_{code}_company_{company}"]
        month = story.timeline.month_start(-months_ago)
        fact = report.measurement_ids.filtered_domain([("period_start", "=", month)])
        _enter(report, month, fact.value + change, note)


def _values(story, curve, definition, report):
    """(period, value) of every period that is over, oldest first."""
    key = "us" if report.company_id == story["company_us"] else "de"
    rng = story.rng(f"entries {definition.code} {report.name}")
    today = definition.calendar_id._today()
    periods = definition.calendar_id._periods(
        definition.frequency, story.timeline.start, today
    )
    over = [period for period in periods if period.stop <= today]
    return [
        (period, _value(story, rng, curve, key, period.start))
        for number, period in enumerate(over)
        if (definition.code, key, number) != NOT_ASKED
    ]


def _value(story, rng, curve, key, day):
    progress = story.timeline.progress(day)
    value = curve.first + (curve.last - curve.first) * progress
    value += curve.winter * math.cos(2 * math.pi * (day.month - 1) / 12)
    if DIP[0] <= progress < DIP[1]:
        value += curve.dip
    value = (value + rng.gauss(0, curve.noise)) * (curve.us if key == "us" else 1)
    low, high = curve.bounds
    return float(round(min(max(value, low), high), curve.digits))
