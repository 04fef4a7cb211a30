"""The process that decides achievements is killed; another one does the rest, once."""

import pytest
from dateutil.relativedelta import relativedelta
from fault_processes import kill, killed_at_last, rows, run, start, wait_for
from fault_worker import THIS_MONTH

SHARES_DATABASE = True


PEOPLE, MONTHS = 3, 3
FIRST = THIS_MONTH - relativedelta(months=MONTHS)
JUDGED = """
    INSERT INTO kpi_target_value (report_id, grain, status, rated_value, period_start,
                                  period_stop, rated_at)
    SELECT report_id, 'month', 'on_target', 9, month, month + interval '1 month',
           month + interval '1 month'
      FROM unnest(%s) AS report_id
CROSS JOIN generate_series(%s::date, %s::date - 1, interval '1 month') AS month
"""
FOUND = """
    SELECT (SELECT count(*) FROM kpi_achievement_closing),
           (SELECT count(*) FROM kpi_user_achievement WHERE state = 'earned'),
           (SELECT count(*) FROM kpi_points_entry),
           (SELECT count(*) FROM kpi_delivery
             WHERE renderer = 'kpi.user.achievement'),
           (SELECT COALESCE(sum(balance), 0) FROM kpi_points_balance)
"""


@pytest.fixture
def achievement(registry):
    """One of three months that are over, in which three people reached their KPI."""
    from odoo import SUPERUSER_ID, api

    if "kpi.achievement" not in registry:
        pytest.skip("kpi_gamification is not installed")
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        env.company.gamification_days = 0
        people = env["res.users"].create(
            [{"name": f"Earner {n}", "login": f"earner{n}"} for n in range(PEOPLE)]
        )
        kpi = env["kpi.definition"].create({"name": "Earned"})
        reports = kpi._track_for("user", people, env.company.id)
        cr.execute(JUDGED, (reports.ids, FIRST, THIS_MONTH))
        conditions = [(0, 0, {"kind": "green"})]
        values = {"name": "Green", "date_from": FIRST, "condition_ids": conditions}
        return env["kpi.achievement"].create(values).points_value


def test_months_whose_decision_is_killed(module_database, achievement):
    """The first is committed; the second is in hand when its awards have no points yet,
    then when nobody was told of them.
    """

    def check(months):
        count = months * PEOPLE
        found = (months, count, count, count, count * achievement)
        assert rows(module_database, FOUND) == [found]

    def go_on(process, *words):
        for word in words:
            wait_for(process, word)
            process.stdin.write("\n")
            process.stdin.flush()

    with killed_at_last(start(module_database, "step_award")) as process:
        go_on(process, "awarded", "booked")
        wait_for(process, "awarded")
        kill(process)
    check(1)
    with killed_at_last(start(module_database, "step_award")) as process:
        go_on(process, "awarded")
        wait_for(process, "booked")
        kill(process)
    check(1)
    for _run in range(2):
        run(module_database, "cron")
        check(MONTHS)
