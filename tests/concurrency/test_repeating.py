"""What runs outside of requests repeats by itself where another came first."""

import base64
from contextlib import nullcontext
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import pytest
from acts import new_company, new_name, propose_target
from freezegun import freeze_time


@pytest.fixture
def late(registry, monkeypatch):
    """``late(model, method, times)``: another connection comes first so often.

    :return: a list that grows by each run of the method
    """

    def interrupt(model, method, times=1):
        runs = []
        cls = registry[model]
        original = getattr(cls, method)

        def run(self, *args, **kwargs):
            runs.append(self.ids)
            if len(runs) <= times:
                self.env.cr.execute("SELECT 1")  # the snapshot
                with registry.cursor() as cr:
                    self.with_env(self.env(cr=cr)).env["kpi.claim"]._claim("late")
            self.env["kpi.claim"]._claim("late")
            return original(self, *args, **kwargs)

        monkeypatch.setattr(cls, method, run)
        return runs

    return interrupt


def nothing(env):
    """Has all that it needs."""


def rule(env):
    kpi = env["kpi.definition"].create({"name": new_name()})
    env["kpi.tracking.rule"].create(
        {
            "name": new_name(),
            "definition_ids": [(6, 0, kpi.ids)],
            "scope_type": "user",
            "domain": f"[('id', '=', {env.uid})]",
        }
    )


def fault(env):
    """An entry of the log that somebody has changed past its trigger."""
    from odoo.addons.kpi_base.audit import AuditEvent

    log = env["kpi.audit.log"]
    log._append([AuditEvent(env["res.partner"].create({"name": "A"}), "moved", {})])
    env.cr.execute("ALTER TABLE audit_logs DISABLE TRIGGER kpi_append_only")
    env.cr.execute("UPDATE audit_logs SET event_type = 'removed'")
    env.cr.execute("ALTER TABLE audit_logs ENABLE ALWAYS TRIGGER kpi_append_only")


def badge(env):
    """One that does not fit any more, as after a change by hand."""
    kpi = env["kpi.definition"].create({"name": new_name(), "company_id": False})
    admin = env.ref("base.user_admin")
    kpi.with_user(admin)._certify(date.today() + timedelta(days=365))
    env.flush_all()
    env.cr.execute("UPDATE kpi_definition SET unit = 'score' WHERE id = %s", (kpi.id,))


def schedule(env):
    dashboard = env["kpi.dashboard"].create({"name": new_name()})
    env["kpi.dashboard.schedule"].create(
        {"dashboard_id": dashboard.id, "user_ids": [(6, 0, [env.uid])]}
    )


def period_schedule(env):
    report = env["kpi.period.report"].create({"name": new_name()})
    env["kpi.period.report.schedule"].create(
        {"period_report_id": report.id, "user_ids": [(6, 0, [env.uid])]}
    )


def plan(env):
    company = new_company(env)
    env["kpi.commission.plan"].create(
        {
            "name": new_name(),
            "company_id": company.id,
            "date_from": "2025-01-01",
            "rate": 0.05,
        }
    ).action_activate()


def deal(env):
    env["kpi.deal"].create({"title": new_name(), "opened_at": "2025-01-05 09:00:00"})


def invoice(env):
    """One that has been put on a deal past what would have billed it."""
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": env["res.partner"].create({"name": "Customer"}).id,
            "invoice_line_ids": [(0, 0, {"name": "Work", "price_unit": 5.0})],
        }
    )
    move.action_post()
    env.flush_all()
    deal_id = env["kpi.deal"].create({"title": new_name()}).id
    env.cr.execute(
        "UPDATE account_move SET kpi_deal_id = %s WHERE id = %s", (deal_id, move.id)
    )


def gone_approver(env):
    """Somebody who was asked about something and is not there any more."""
    _target, change, approver = propose_target(env)
    env["res.users"].browse(approver).active = False
    env["kpi.approval.change"].browse(change).approval_workflow_id.active = False


def tat_schedule(env):
    env["kpi.tat.report.schedule"].create({"user_ids": [(6, 0, [env.uid])]})


def tat_request(env):
    """A draft, so that its company has requests."""
    admin = env.ref("base.user_admin")
    approver = (0, 0, {"whom": "user", "user_id": admin.id})
    template = env["kpi.approval.workflow"].create(
        {
            "name": new_name(),
            "model": "kpi.tat.request",
            "workflow_type": "request_template",
            "owner_id": admin.id,
            "level_ids": [(0, 0, {"approver_ids": [approver]})],
        }
    )
    env["kpi.tat.request"].create({"subject": new_name(), "template_id": template.id})


def action(env):
    """One that is due, of somebody who has got up."""
    admin = env.ref("base.user_admin")
    admin.tz = "Asia/Singapore" if datetime.now().hour < 8 else "UTC"
    kpi = env["kpi.definition"].create({"name": new_name(), "computation": "manual"})
    env["kpi.action.item"].create(
        {
            "report_id": kpi._track_for("company", env.company).id,
            "description": new_name(),
            "assigned_to": admin.id,
            "due_date": date.today(),
        }
    )


def due_entry(env):
    """One that is overdue, of somebody who has got up."""
    tz = "Asia/Singapore" if datetime.now().hour < 8 else "UTC"
    kpi = env["kpi.definition"].create(
        {
            "name": new_name(),
            "computation": "manual",
            "owner_id": env.ref("base.user_admin").id,
            "calendar_id": env["kpi.calendar"].create({"name": tz, "tz": tz}).id,
        }
    )
    report = kpi._track_for("company", env.company)
    report.entry_date_from = date.today() - timedelta(days=90)


def live_initiative(env):
    env["kpi.initiative"].create(
        {
            "name": new_name(),
            "status": "live",
            "owner_id": env.ref("base.user_admin").id,
        }
    )


def ended_board(env):
    """One of weeks that are over, and were not stored."""
    board = env["kpi.leaderboard"].create(
        {"name": new_name(), "ranking_period": "weekly"}
    )
    env.cr.execute(
        "UPDATE kpi_leaderboard SET create_date = now() - interval '20 days'"
        " WHERE id = %s",
        (board.id,),
    )
    board.invalidate_recordset()


def due_integration(env):
    """One without credentials, which nothing is called for."""
    kpi = env["kpi.definition"].create({"name": new_name()})
    env["kpi.integration"].create(
        {
            "name": kpi.name,
            "integration_type": "google_sheets",
            "definition_id": kpi.id,
            "next_sync_at": datetime.now(),
        }
    )


def due_connector(env):
    env["kpi.bi.connector"].create(
        {
            "name": new_name(),
            "connector_type": "csv_export",
            "data_format": "time_series",
            "next_export_at": datetime.now(),
        }
    )


UNITS = {  # (model, method of its cron) → its units of work, what they need
    ("kpi.job", "_cron_run"): (
        ("_resume_abandoned", "_start", "_prepare", "_run_formulas"),
        nothing,
    ),
    ("kpi.approval.step", "_cron_replace_missing"): (
        ("_replace_missing",),
        gone_approver,
    ),
    ("kpi.job", "_cron_reconcile"): (("_queue_reconciling",), nothing),
    ("kpi.definition", "_cron_check_certified"): (
        ("_check_certified", "_forget_mended"),
        badge,
    ),
    ("kpi.tracking.rule", "_cron_apply"): (("_apply",), rule),
    ("kpi.entry.due", "_cron_remind"): (("_remind_person",), due_entry),
    ("kpi.action.item", "_cron_remind"): (("_remind_person",), action),
    ("kpi.benefit.assumption", "_cron_remind"): ((), nothing),  # as of actions
    ("kpi.performance.coaching", "_cron_remind"): (("_remind_of_reviews",), nothing),
    ("kpi.audit.anchor", "_cron_anchor"): (("_anchor",), nothing),
    ("kpi.audit.log", "_cron_verify"): (("_tell_administrators",), fault),
    ("kpi.dashboard.schedule", "_cron_queue"): (("_queue_due",), schedule),
    ("kpi.period.report.schedule", "_cron_queue"): (("_queue_due",), period_schedule),
    ("kpi.commission.plan", "_cron_settle"): (("_settle_since",), plan),
    ("kpi.agent.performance", "_cron_take"): (("_take_due",), deal),
    ("kpi.agent.performance", "_cron_take_today"): (("_take_today",), nothing),
    ("kpi.deal", "_cron_price"): (("_price_late",), nothing),
    ("kpi.job", "_cron_learn_from_deals"): (("_enqueue_deal_learning",), nothing),
    ("kpi.job", "_cron_bi"): (("_enqueue_bi",), nothing),
    ("kpi.job", "_cron_read_warehouses"): (("_enqueue_warehouse",), nothing),
    ("account.move", "_cron_bill_deals"): (("_bill_deals",), invoice),
    ("kpi.initiative", "_cron_find_leakage"): (("_file_findings",), live_initiative),
    ("kpi.tat.risk", "_cron_learn"): (("_learn",), tat_request),
    ("kpi.tat.report.schedule", "_cron_queue"): (("_queue_due",), tat_schedule),
    ("kpi.points.balance", "_cron_check"): ((), nothing),  # only reads
    ("kpi.leaderboard", "_cron_freeze"): (("_freeze",), ended_board),
    ("kpi.bi.connector", "_cron_export"): (("_note_end",), due_connector),
    ("kpi.integration", "_cron_sync"): (("_note_end",), due_integration),
    ("kpi.phone.morning", "_cron_send"): ((), nothing),  # for people at their hour
}
# What has only been recorded today has no day that ended since.
DAYS_LATER = {("kpi.agent.performance", "_cron_take"): timedelta(days=3)}
# Run by the tests below, and without a transaction that others could be ahead of.
BY_THEMSELVES = {
    ("kpi.import", "_cron_run"),
    ("kpi.delivery", "_cron_send"),
    ("kpi.timer", "_cron_run"),
}


def test_all_crons_are_known_here(commit):
    def crons(env):
        found = env["ir.cron"].with_context(active_test=False).search([])
        return {
            (cron.model_id.model, cron.code.removeprefix("model.").partition("(")[0])
            for cron in found
            if cron.get_external_id()[cron.id].startswith("kpi_")
        }

    assert commit(crons) == UNITS.keys() | BY_THEMSELVES


@pytest.mark.parametrize(
    ("model", "cron", "unit", "prepare"),
    [
        (*cron, unit, prepare)
        for cron, (units, prepare) in UNITS.items()
        for unit in units
    ],
)
def test_a_cron_repeats_the_unit_that_was_late(
    commit, late, caplog, model, cron, unit, prepare
):
    commit(prepare)
    runs = late(model, unit)
    later = DAYS_LATER.get((model, cron))
    with freeze_time(datetime.now() + later, tick=True) if later else nullcontext():
        commit(lambda env: getattr(env[model], cron)())
    assert runs[0] == runs[1], "the same work again"
    failed = [
        record.getMessage()
        for record in caplog.records
        if record.levelname == "ERROR"
        # PostgreSQL's refusal itself, and what the log is verified for.
        and record.name != "odoo.sql_db"
        and unit != "_tell_administrators"
    ]
    assert failed == []


def test_a_chunk_of_a_job_is_computed_again(commit, late):
    commit(new_count)
    runs = late("kpi.job", "_run_chunk")

    def run(env):
        env["kpi.job"].search([]).unlink()
        env["kpi.job"]._cron_run()
        jobs = env["kpi.job"].search([("kind", "=", "refresh")])
        return jobs.mapped(lambda job: (job.state, job.error))

    assert commit(run) == [("done", False)]
    assert len(runs) >= 2


def test_a_company_is_learned_for_again(commit, late):
    runs = late("kpi.job", "_learn_company")

    def run(env):
        env["kpi.job"].search([]).unlink()
        env["kpi.job"]._cron_learn_from_deals()
        env["kpi.job"]._cron_run()
        job = env["kpi.job"].search([("kind", "=", "deal_learning")])
        assert len(runs) == 1 + job.step_count
        return job.mapped(lambda job: (job.state, job.error))

    assert commit(run) == [("done", False)]


def test_a_job_that_is_always_late_fails_and_says_so(commit, late):
    commit(new_count)
    from odoo.addons.kpi_base.repeat import ATTEMPTS

    runs = late("kpi.job", "_run_chunk", times=1000)

    def run(env):
        env["kpi.job"].search([]).unlink()
        env["kpi.job"]._cron_run()
        jobs = env["kpi.job"].search([("kind", "=", "refresh")])
        return jobs[:1].mapped(lambda job: (job.state, job.error))

    ((state, error),) = commit(run)
    assert state == "failed"
    assert "Someone else changed the same records" in error
    assert len(runs) % ATTEMPTS == 0


def new_count(env):
    env["kpi.definition"].create(
        {
            "name": new_name(),
            "computation": "records",
            "model_name": "res.partner",
            "date_field": "create_date",
        }
    )._track_for("company", env.company)


@pytest.fixture
def import_id(commit, monkeypatch):
    """Id of an import of two values, in parts of one."""
    from odoo.addons.kpi_base.models.file_import import kpi_import
    from odoo.addons.kpi_tracking.models.integration import kpi_import_measurement

    monkeypatch.setattr(kpi_import, "ROWS_AT_ONCE", 0)
    monkeypatch.setattr(kpi_import_measurement, "PART", 1)

    def prepare(env):
        company = new_company(env)
        env = env(context={**env.context, "allowed_company_ids": company.ids})
        env.user.company_ids |= company
        codes = [new_name(), new_name()]
        kpis = env["kpi.definition"].create(
            [{"name": code, "code": code, "company_id": company.id} for code in codes]
        )
        for kpi in kpis:
            kpi._track_for("company", company)
        rows = "".join(f"{code},2025-01,3\n" for code in codes)
        job = env["kpi.import"].create(
            {
                "file": base64.b64encode(f"code,period,value\n{rows}".encode()),
                "file_name": "values.csv",
                "company_id": company.id,
            }
        )
        job.action_read()
        job.action_import()
        assert job.state == "queued"
        return job.id

    return commit(prepare)


def run_imports(commit, import_id):
    commit(lambda env: env["kpi.import"]._cron_run())

    def read(env):
        job = env["kpi.import"].browse(import_id)
        own = [("report_id.company_id", "=", job.company_id.id)]
        facts = env["kpi.measurement"].search_count(own)
        return job.state, job.error or "", facts

    return commit(read)


@pytest.mark.parametrize(
    ("method", "times"), [("_run_parts", 1), ("_note_begin", 1), ("_note_end", 1)]
)
def test_an_import_is_run_again(commit, late, import_id, method, times):
    runs = late("kpi.import", method, times)
    assert run_imports(commit, import_id) == ("done", "", 2)
    assert len(runs) == 2


def test_an_import_that_is_always_late_fails_and_says_so(commit, late, import_id):
    runs = late("kpi.import", "_run_parts", times=1000)
    state, error, count = run_imports(commit, import_id)
    assert (state, count) == ("failed", 0)
    assert "Someone else changed the same values" in error
    assert len(runs) == 5


@pytest.mark.parametrize(
    ("is_seen", "outcome"),
    [
        # The part began after the lock: its rows were looked at before.
        (True, ("failed", "is locked")),
        # It began before: the import is run again, and looks at its rows anew.
        (False, ("done", "")),
    ],
)
def test_an_import_writes_nothing_into_a_period_that_is_locked_meanwhile(
    registry, commit, import_id, monkeypatch, is_seen, outcome
):
    cls = registry["kpi.import.measurement"]
    original = cls._store

    def lock_after_first_part(self, run):
        company = run.job.company_id
        for number, part in enumerate(original(self, run)):
            yield part
            if number == 1 and not company.kpi_lock_date:  # 0: targets and days
                commit(lambda env: lock(company.with_env(env)))
                if is_seen:
                    self.env.cr.commit()

    def lock(company):
        company.kpi_lock_date = "2025-01-31"

    monkeypatch.setattr(cls, "_store", lock_after_first_part)
    state, error, count = run_imports(commit, import_id)
    assert (state, count) == (outcome[0], 1)
    assert outcome[1] in error


def test_named_errors_alone_are_repeated(commit):
    from psycopg2 import errors

    from odoo.exceptions import UserError

    from odoo.addons.kpi_base.repeat import ATTEMPTS, repeat_late

    def count(env, error):
        runs = []

        def step(number):
            runs.append(number)
            raise error("refused")

        with pytest.raises(error):
            repeat_late(env, step, 7)
        return runs

    late = (errors.SerializationFailure, errors.DeadlockDetected)
    for error in late:
        assert commit(lambda env, error=error: count(env, error)) == [7] * ATTEMPTS
    for error in (UserError, errors.UniqueViolation, ValueError):
        assert commit(lambda env, error=error: count(env, error)) == [7]


def test_what_a_late_run_has_read_is_read_anew(commit, registry):
    """What Odoo holds in memory of the first run is gone in the second."""
    from odoo.addons.kpi_base.repeat import repeat_late

    partner_id = commit(lambda env: env["res.partner"].create({"name": "A"}).id)
    seen = SimpleNamespace(names=[])

    def work(env):
        partner = env["res.partner"].browse(partner_id)

        def step():
            seen.names.append(partner.name)
            if len(seen.names) == 1:
                with registry.cursor() as cr:
                    partner.with_env(env(cr=cr)).name = "B"
            partner.name = f"{partner.name}!"

        repeat_late(env, step)

    commit(work)
    assert seen.names == ["A", "B"]
    assert commit(lambda env: env["res.partner"].browse(partner_id).name) == "B!"
