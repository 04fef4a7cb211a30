"""The log of the engine: the first computation, calm nights, and one that was not."""

from datetime import datetime, time, timedelta
from time import perf_counter

from odoo import Command, fields
from odoo.tools import SQL

NIGHTS = 14
CHECK = "Nightly check"
CHECKED_DAYS = 92  # as the engine does
ODD_NIGHT = 3  # nights ago
START = time(2, 0)


def compute_first(story):
    """Compute every source, with a line of the log for each part."""
    sources = story.env["kpi.source"].search([("definition_ids.active", "=", True)])
    job = _start(story, "First computation", "refresh")
    for source in sources:
        _run(job, source)
    job.write(
        {
            "finished_at": fields.Datetime.now(),
            "state": "done",
            "step_count": len(sources),
            "step_done_count": len(sources),
        }
    )


def log_jobs(story):
    """Log the jobs of the nights before, and those that the controller asked for."""
    for nights_ago in range(NIGHTS, 0, -1):
        night = story.timeline.today - timedelta(days=nights_ago - 1)
        started = datetime.combine(night, START)
        steps = story.env["kpi.source"].search_count([])
        job = _start(
            story,
            CHECK,
            "reconcile",
            state="done",
            date_from=night - timedelta(days=CHECKED_DAYS),
            started_at=started,
            finished_at=started + timedelta(seconds=4 + nights_ago % 3),
            step_count=steps,
            step_done_count=steps,
        )
        if nights_ago == ODD_NIGHT:
            _find_drift(story, job)
    asked = datetime.combine(story.timeline.today - timedelta(days=5), time(8, 20))
    _start(
        story,
        "Recompute Win Rate",
        "recompute",
        state="done",
        definition_ids=[Command.set(story["kpi_win_rate"].ids)],
        date_from=story.timeline.month_start(-3),
        date_to=asked.date(),
        requested_by_id=story["user_clara_vogt"].id,
        started_at=asked,
        finished_at=asked + timedelta(seconds=2),
        step_count=2,
        step_done_count=2,
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
    source.last_run_at = fields.Datetime.now()


def _start(story, name, kind, **values):
    return story.env["kpi.job"].create(
        {
            "name": name,
            "kind": kind,
            "state": "running",
            "started_at": fields.Datetime.now(),
            **values,
        }
    )


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
