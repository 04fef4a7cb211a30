"""A kind of condition that an addon adds by one file, and takes along again."""

from datetime import date, datetime

from odoo.fields import Command

PROBE = "kpi_probe_kind"
JANUARY = date(2026, 1, 1)


def test_people_earn_by_a_condition_of_another_addon(env):
    person, late = env["res.users"].create(
        [{"name": name, "login": name} for name in ("early", "late")]
    )
    kpi = env["kpi.definition"].create({"name": "Entered", "computation": "manual"})
    reports = kpi._track_for("user", person | late, env.company.id)
    rows = [(report.id, JANUARY, 1.0) for report in reports]
    env["kpi.measurement"]._upsert("month", rows, source="manual")
    of_person = {one.user_id: one for one in reports}
    for who, moment in ((person, datetime(2026, 1, 30)), (late, datetime(2026, 2, 3))):
        env.cr.execute(
            "UPDATE kpi_measurement SET recorded_at = %s WHERE report_id = %s",
            [moment, of_person[who].id],
        )
    achievement = env["kpi.achievement"].create(
        {
            "name": "Early bird",
            "date_from": JANUARY,
            "condition_ids": [Command.create({"kind": "early", "least": 1})],
        }
    )
    kinds = achievement.condition_ids.fields_get(["kind"])["kind"]["selection"]
    assert ("early", "Entered early") in kinds
    assert achievement.criteria == "Values entered early: 1."
    period = env["kpi.calendar"]._company_default(env.company)._period("month", JANUARY)
    asked = env["kpi.gamification.outcome"]._ask(env.company, period)
    conditions = achievement._get_conditions()
    tried = env["kpi.achievement.closing"]._find_able(asked, conditions)
    assert tried == {person.id: True}, "who has no row cannot earn it"
    env["kpi.achievement.closing"]._close(env.company, period)
    award = env["kpi.user.achievement"].search(
        [("achievement_id", "=", achievement.id)]
    )
    assert (award.user_id, award.state) == (person, "earned")
    balance = env["kpi.points.balance"].search([("user_id", "=", person.id)])
    assert balance.balance == achievement.points_value
