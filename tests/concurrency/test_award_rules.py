"""Achievements of one period, decided by two connections."""

from datetime import date

from acts import new_company, new_name


def judged_person(env):
    """A company with an achievement that is due, and a person who has earned it."""
    company = new_company(env)
    person = env["res.users"].create(
        {
            "name": new_name(),
            "login": new_name(),
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
        }
    )
    kpi = env["kpi.definition"].create({"name": new_name(), "company_id": company.id})
    report = kpi._track_for("user", person, company.id)
    month = {"report_id": report.id, "grain": "month", "status": "on_target"}
    env.cr.execute(
        "INSERT INTO kpi_target_value (report_id, grain, status, period_start,"
        " period_stop, rated_value, achievement, rated_at) VALUES"
        " (%(report_id)s, %(grain)s, %(status)s, '2026-01-01', '2026-02-01', 9, 100,"
        " '2026-02-01')",
        month,
    )
    env["kpi.achievement"].create(
        {
            "name": new_name(),
            "company_id": company.id,
            "date_from": "2026-01-01",
            "condition_ids": [(0, 0, {"kind": "green"})],
        }
    )
    env["kpi.calendar"]._company_default(company)
    return company.id, person.id


def count_rows(env):
    """Rows that this connection wrote, of transactions that were not reported too."""
    env.flush_all()
    env.cr.execute(
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
    )
    return env.cr.fetchone()[0]


def close(company_id):
    def run(env):
        company = env["res.company"].browse(company_id)
        calendar = env["kpi.calendar"]._company_default(company)
        period = calendar._period("month", date(2026, 1, 1))
        env["kpi.achievement.closing"]._close(company, period)

    return run


def test_two_closings_at_once_award_once(commit, meet):
    company_id, person_id = commit(judged_person)
    written = []

    def close_and_count(env):
        before = count_rows(env)
        close(company_id)(env)
        written.append(count_rows(env) - before)

    outcome = meet(close(company_id), close_and_count)
    assert not outcome.refusal
    assert outcome.runs == 2  # the second found the first one's row: 40001
    assert written == [0]
    awards, points, messages = commit(
        lambda env: (
            env["kpi.user.achievement"].search_count([("user_id", "=", person_id)]),
            env["kpi.points.entry"].search([("user_id", "=", person_id)]).points,
            env["kpi.delivery"].search_count([("user_id", "=", person_id)]),
        )
    )
    assert (awards, points, messages) == (1, 10, 1)
