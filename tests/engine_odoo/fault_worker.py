"""What one process of the fault tests does.

It says on its standard output how far it is, and ``step_cron`` waits there for a line
of its standard input, so that the test can interrupt it at a known place.
"""

import logging
import os
import sys
from datetime import date, timedelta

RECORDS = 1000
LAST = date.today()
FIRST = LAST - timedelta(days=179)
PERIODS_PER_CHUNK = 30
ALERTS_AT_ONCE = 10
SWEEPS = 6
MIDDLE = FIRST + timedelta(days=100)
THIS_MONTH = LAST.replace(day=1)
MONTHS = [
    date((at := THIS_MONTH.year * 12 + THIS_MONTH.month - back) // 12, at % 12 + 1, 1)
    for back in range(37, 1, -1)
]
CHANGED = "[('name', '=like', 'Contact %7')]"


def say(word):
    print(word, flush=True)


def prepare(env):
    """Contacts of half a year, counted by day for the company and 20 users."""
    users = env["res.users"].create(
        [{"name": f"Person {n}", "login": f"person{n}"} for n in range(20)]
    )
    contacts = env["res.partner"].create(
        [
            {
                "name": f"Contact {number}",
                "company_id": env.company.id,
                "user_id": users[number % 20].id,
            }
            for number in range(RECORDS)
        ]
    )
    env.flush_all()
    env.cr.execute(
        """
        UPDATE res_partner
           SET create_date = %s::timestamp + (id - %s) * interval '4 hours'
         WHERE id = ANY(%s)
        """,
        (FIRST, contacts[0].id, contacts.ids),
    )
    env.invalidate_all()
    definition = env["kpi.definition"].create(
        {
            "name": "Contacts",
            "computation": "records",
            "model_name": "res.partner",
            "date_field": "create_date",
            "frequency": "day",
            "history_start": FIRST,
            "domain": "[('name', '=like', 'Contact %')]",
            "user_field": "user_id",
            "calendar_id": env["kpi.calendar"].create({"name": "UTC", "tz": "UTC"}).id,
        }
    )
    definition._track_for("company", env.company)
    definition._track_for("user", users)
    env["kpi.job"].search([]).unlink()
    enqueue(env)


def enqueue(env):
    """Ask for everything to be computed."""
    definition = env["kpi.definition"].search([("name", "=", "Contacts")])
    job = env["kpi.job"]._enqueue_computation(
        "All", "recompute", definition, FIRST, LAST
    )
    say(f"job {job.id}")


def change(env):
    """Count other contacts from the middle of the half year on."""
    definition = env["kpi.definition"].search([("name", "=", "Contacts")])
    definition._change({"domain": CHANGED}, MIDDLE)


def cron(env):
    """What the cron does."""
    env["kpi.job"]._cron_run()


def short_crons(env):
    """Run the cron for a moment, again and again; how often until nothing waits."""
    from odoo.addons.base.models import ir_cron

    ir_cron.MIN_TIME_PER_JOB = 0.5
    job_cron, runs = env.ref("kpi_base.kpi_job_cron"), 0
    while env["kpi.job"].search_count([("state", "=", "queued")]) and runs < 300:
        env.cr.commit()
        job_cron.method_direct_trigger()
        env.cr.commit()
        runs += 1
    say(f"runs {runs}")


def second(env):
    """Ask for everything once more, as a request does, and do what the cron does."""
    from odoo.service.model import retrying

    retrying(lambda: enqueue(env), env)
    env.cr.commit()
    cron(env)


def step_cron(env):
    """As ``cron``, but each chunk waits for a line before it is committed."""
    from odoo.addons.kpi_tracking.models.source.kpi_source import KpiSource

    fill = KpiSource._fill_together

    def fill_and_wait(source, statement, periods, *why):
        result = fill(source, statement, periods, *why)
        say(f"chunk {periods[0].start}")
        sys.stdin.readline()
        return result

    KpiSource._fill_together = fill_and_wait
    cron(env)


def prepare_series(env):
    """Twelve KPIs with three years of months each, to be analysed."""
    env["kpi.job"].search([]).unlink()
    for number in range(12):
        definition = env["kpi.definition"].create(
            {"name": f"Series {number}", "code": f"series_{number}"}
        )
        report = definition._track_for("company", env.company)
        rows = [
            (report.id, day, 100.0 + number * at % 17 + at)
            for at, day in enumerate(MONTHS)
        ]
        env["kpi.measurement"]._upsert("month", rows, source="manual")


def correct(env):
    """Correct a past value of the first of those KPIs."""
    report = env["kpi.report"].search([("definition_id.code", "=", "series_0")])
    rows = [(report.id, MONTHS[-5], 500.0)]
    env["kpi.measurement"]._upsert("month", rows, source="manual")


def step_analyse(env):
    """As ``cron``, but each chunk of analyses waits for a line before its commit."""
    from odoo.addons.kpi_tracking_analytics.models import (
        kpi_job,
        kpi_predictive_analytics,
    )

    kpi_job.CHUNK = 5
    analytics = kpi_predictive_analytics.KpiPredictiveAnalytics
    analyse = analytics._analyse

    def analyse_and_wait(model, reports):
        result = analyse(model, reports)
        say(f"chunk {len(reports)}")
        sys.stdin.readline()
        return result

    analytics._analyse = analyse_and_wait
    cron(env)


def cancel(env):
    """What a person does on the job's form."""
    env["kpi.job"].search([("state", "=", "running")]).action_cancel()


def deliver(env):
    """Send what is in the outbox, as its cron does."""
    env["kpi.delivery"]._cron_send("bulk")


def fill_outbox(env):
    """Thirty messages that leave by the mail server at KPI_SMTP_PORT."""
    env.company.email = "kpi@example.com"
    port = int(os.environ["KPI_SMTP_PORT"])
    env["ir.mail_server"].create(
        {"name": "Test", "smtp_host": "127.0.0.1", "smtp_port": port}
    )
    values = {"name": "Ann", "login": "ann", "email": "ann@example.com"}
    ann = env["res.users"].with_context(no_reset_password=True).create(values)
    message = {"user_id": ann.id, "body": "<p>Good</p>", "lane": "bulk"}
    env["kpi.delivery"]._queue(
        [{**message, "key": f"{n}", "subject": f"{n}"} for n in range(30)]
    )
    env.cr.commit()


def step_before(env):
    """As ``deliver``, but waits for a line when an attempt has begun."""
    _wait_at(env, "kpi.delivery", "_check_receiver", "begun")
    deliver(env)


def step_after(env):
    """As ``deliver``, but waits for a line when an attempt was answered."""
    _wait_at(env, "kpi.delivery", "_mark", "answered")
    deliver(env)


def _wait_at(env, model, name, word):
    cls = type(env[model])
    method = getattr(cls, name)

    def wait_and_call(records, *arguments):
        env.flush_all()
        say(word)
        sys.stdin.readline()
        return method(records, *arguments)

    setattr(cls, name, wait_and_call)


def queue_narratives(env):
    """Put the mails whose time has come into the outbox, as their cron does."""
    env["kpi.period.report.schedule"]._cron_queue()


def step_narrative(env):
    """As ``queue_narratives``, but waits for a line when a mail was written."""
    _wait_at(env, "kpi.delivery", "_queue", "written")
    queue_narratives(env)


def step_narrative_queued(env):
    """As ``step_narrative``, but waits when the mail is in the outbox."""
    _sweep_and_wait(env, "kpi.delivery", "_queue", after=True, act=queue_narratives)


def sync(env):
    """Read other systems, as their cron does."""
    env["kpi.integration"]._cron_sync()


def step_read(env):
    """As ``sync``, but waits for a line when a system was read."""
    _wait_at(env, "kpi.integration", "_prepare_import", "in hand")
    sync(env)


def step_imported(env):
    """As ``sync``, but waits when what was read has been imported."""
    _sweep_and_wait(env, "kpi.import", "_run", after=True, act=sync)


def step_ended(env):
    """As ``sync``, but waits before the end is noted."""
    _wait_at(env, "kpi.integration", "_note_end", "in hand")
    sync(env)


def export(env):
    """Write the files of connectors that are due, as their cron does."""
    env["kpi.bi.connector"]._cron_export()


def step_written(env):
    """As ``export``, but waits for a line when a file was written."""
    _wait_at(env, "kpi.bi.connector", "_note_end", "in hand")
    export(env)


def step_stored(env):
    """As ``export``, but waits when a file is stored."""
    _sweep_and_wait(env, "kpi.bi.connector", "_note_end", after=True, act=export)


def step_award(env):
    """As ``cron``, but each period of achievements waits for a line before its awards
    have points, and before anybody is told of them.
    """
    _wait_at(env, "kpi.user.achievement", "_settle", "awarded")
    _wait_at(env, "kpi.user.achievement", "_tell", "booked")
    cron(env)


def sweep(env):
    """What the timer does, until nothing more is due."""
    for _round in range(SWEEPS):
        env["kpi.timer"]._sweep()


def step_evaluate(env):
    """As ``sweep``, ten KPIs at once, but waits for a line when marks were taken."""
    from odoo.addons.kpi_tracking_alert.models.evaluation import kpi_smart_alert

    kpi_smart_alert.CHUNK = ALERTS_AT_ONCE
    _sweep_and_wait(env, "kpi.smart.alert", "_evaluate")


def step_open(env):
    """As ``step_evaluate``, but waits when alerts were opened."""
    from odoo.addons.kpi_tracking_alert.models.evaluation import kpi_smart_alert

    kpi_smart_alert.CHUNK = ALERTS_AT_ONCE
    _sweep_and_wait(env, "kpi.alert.event", "_fire", after=True)


def step_steps(env):
    """As ``sweep``, ten alerts at once, but waits before snoozes end."""
    from odoo.addons.kpi_tracking_alert.models.routing import kpi_alert_event

    kpi_alert_event.BATCH = ALERTS_AT_ONCE
    _sweep_and_wait(env, "kpi.alert.event", "_step_snoozed")


def step_notices(env):
    """As ``sweep``, ten notices at once, but waits when messages were queued."""
    from odoo.addons.kpi_tracking_alert.models.routing import kpi_alert_notice

    kpi_alert_notice.BATCH = ALERTS_AT_ONCE
    _sweep_and_wait(env, "kpi.alert.notice", "_queue_messages", after=True)


def step_remind(env):
    """As ``sweep``, ten clocks at once, but waits when reminders were written."""
    from odoo.addons.kpi_workflow_tat.models import kpi_tat_level_sweep

    kpi_tat_level_sweep.BATCH = ALERTS_AT_ONCE
    _sweep_and_wait(env, "kpi.tat.alert", "_queue_messages")


def _sweep_and_wait(env, model, name, after=False, act=sweep):
    records = type(env[model])
    method = getattr(records, name)

    def wait_and_call(*arguments, **options):
        result = method(*arguments, **options) if after else None
        env.flush_all()
        say("in hand")
        sys.stdin.readline()
        return result if after else method(*arguments, **options)

    setattr(records, name, wait_and_call)
    act(env)


def step_move(env):
    """Move the first deal; wait for a line between its log entry and its event."""
    events = type(env["kpi.deal.stage.event"])
    insert = events._insert

    def wait_and_insert(event, values):
        say("logged")
        sys.stdin.readline()
        return insert(event, values)

    events._insert = wait_and_insert
    env["kpi.deal"].search([], limit=1, order="id").pipeline_stage = "agreement"
    env.flush_all()


def step_measure(env):
    """Work out all benefits; wait for a line between their months and their sums."""
    baselines = type(env["kpi.baseline"])
    sum_measured = baselines._sum_measured

    def wait_and_sum(model, benefit_ids):
        say("written")
        sys.stdin.readline()
        return sum_measured(model, benefit_ids)

    baselines._sum_measured = wait_and_sum
    env["kpi.baseline"]._rebuild_measured()


def step_undecided(env):
    """Approve what waits last, and wait for a line before that is committed."""
    _approve(env)
    say("approved")
    sys.stdin.readline()


def step_decided(env):
    """Approve what waits last, and wait for a line before any message leaves."""
    _approve(env)
    env.cr.commit()
    say("approved")
    sys.stdin.readline()


def _approve(env):
    asked = [("state", "=", "asked")]
    step = env["kpi.approval.step"].search(asked, order="id desc", limit=1)
    own = env(user=step.user_id.id)
    own[step.res_model].browse(step.res_id).action_approve()
    env.flush_all()


def step_bi(env):
    """The analyses of a company, each of which waits for a line at its beginning."""
    env["kpi.job"]._enqueue_bi(env.company)
    env.cr.commit()
    analyses = env.registry["kpi.bi.analysis"]
    analyse = analyses._run_analysis

    def wait_and_analyse(model, name, company, **options):
        say(name)
        if name == "cohorts":
            sys.stdin.readline()
        return analyse(model, name, company, **options)

    analyses._run_analysis = wait_and_analyse
    cron(env)


def timer(env):
    """Be the one whose timer does the work, until killed."""
    from odoo.addons.kpi_base.timer import Timer

    class Leading(Timer):
        def _lead(self, connection):
            say("leads")
            super()._lead(connection)

    running = Leading(env.cr.dbname)
    running.start()
    running.join()


def script(env, text):
    """What a walk begins with, as for Odoo's shell."""
    exec(text, {"env": env(context={})})  # noqa: S102 Odoo's shell does so too


COMMANDS = (
    prepare,
    change,
    cron,
    second,
    short_crons,
    step_cron,
    prepare_series,
    correct,
    step_analyse,
    cancel,
    deliver,
    fill_outbox,
    step_before,
    step_after,
    queue_narratives,
    step_narrative,
    step_narrative_queued,
    sync,
    export,
    step_written,
    step_stored,
    step_read,
    step_imported,
    step_ended,
    step_award,
    sweep,
    step_evaluate,
    step_open,
    step_steps,
    step_notices,
    step_remind,
    step_move,
    step_measure,
    step_undecided,
    step_decided,
    step_bi,
    timer,
    script,
)


def main(database, command, *arguments):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.service.model import retrying
    from odoo.sql_db import db_connect
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http"], setup_logging=False)
    logging.disable(logging.ERROR)
    from odoo.addons.kpi_tracking.models.source import kpi_source

    kpi_source.CELLS_PER_CHUNK = 21 * PERIODS_PER_CHUNK
    run = {each.__name__: each for each in COMMANDS}[command]
    registry = Registry(database)
    # that of the process that this is a fork of, which has read other values
    registry.db_name, registry._db = database, db_connect(database)
    registry.clear_all_caches()
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        # As a request: what collides with another transaction is done again.
        if command == "cancel":
            retrying(lambda: run(env), env)
        else:
            run(env, *arguments)
    say("end")
