"""A process that is killed between a narrative and its mail: it is sent once."""

from datetime import timedelta

import pytest
from fault_processes import kill, killed_at_last, rows, run, start, wait_for
from smtp_server import SmtpServer

from odoo import SUPERUSER_ID, api, fields

SHARES_DATABASE = True
QUEUED = "SELECT count(*) FROM kpi_delivery WHERE key LIKE 'period-report:%'"


@pytest.fixture
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture
def scheduled(registry, server):
    """A daily narrative of one KPI, due since midnight, and who gets it by mail."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        env.company.email = "kpi@example.com"
        for model in ("kpi.delivery", "kpi.delivery.host", "ir.mail_server"):
            env[model].search([]).unlink()
        env["kpi.period.report.schedule"].search([]).unlink()
        env["ir.mail_server"].create(
            {"name": "Test", "smtp_host": "127.0.0.1", "smtp_port": server.port}
        )
        definition = env["kpi.definition"].create({"name": "Read About"})
        report = definition._track_for("company", env.company)
        calendar = definition.calendar_id
        periods = calendar._periods(
            "month", calendar._today() - timedelta(days=300), calendar._today()
        )
        # 100, 101, 100, … and a fall in the last closed month
        values = [100 + at % 2 for at in range(len(periods) - 2)] + [40]
        months = zip(periods, values, strict=False)
        facts = [(report.id, period.start, value) for period, value in months]
        env["kpi.measurement"]._upsert("month", facts, source="manual")
        found = env["kpi.nlp.processor"].auto_generate_reports("daily")
        schedule = env["kpi.period.report.schedule"].browse(found["schedule_id"])
        # Odoo would mail an invitation.
        users = env["res.users"].with_context(no_reset_password=True)
        receiver = users.create(
            {
                "name": "Nora",
                "login": f"nora{report.id}",
                "email": "nora@example.com",
                "group_ids": [(4, env.ref("kpi_base.kpi_base_group_officer").id)],
            }
        )
        before = fields.Datetime.now() - timedelta(days=3)
        schedule.write(
            {"user_ids": [(6, 0, receiver.ids)], "hour": 0, "active_since": before}
        )


@pytest.mark.parametrize(
    ("command", "word"),
    [("step_narrative", "written"), ("step_narrative_queued", "in hand")],
)
def test_a_kill_before_or_after_the_narrative_is_in_the_outbox(
    module_database, scheduled, server, command, word
):
    with killed_at_last(start(module_database, command)) as process:
        wait_for(process, word)
        kill(process)
    assert rows(module_database, QUEUED) == [(0,)]
    assert server.received == []
    for _time in range(2):
        run(module_database, "queue_narratives")
        run(module_database, "deliver")
    assert rows(module_database, QUEUED) == [(1,)]
    (mail,) = server.received
    assert "nora@example.com" in mail["To"]
    assert "Read About was 40 in" in mail.get_body(("plain",)).get_content()


def test_a_kill_before_the_mail_leaves_the_outbox(module_database, scheduled, server):
    run(module_database, "queue_narratives")
    with killed_at_last(start(module_database, "step_before")) as process:
        wait_for(process, "begun")
        kill(process)
    assert server.received == []
    for _time in range(2):
        run(module_database, "queue_narratives")
        run(module_database, "deliver")
    assert len(server.received) == 1
