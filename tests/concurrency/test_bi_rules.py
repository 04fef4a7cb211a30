"""Purchases, results and alert rules of a company, written by two at once."""

from datetime import date

from acts import new_company


def test_a_month_that_two_runs_write_at_once_is_there_once(commit, meet):
    def prepare(env):
        company = new_company(env)
        customer = {"company_id": company.id, "reference": "Both"}
        env.cr.execute(
            """
            INSERT INTO kpi_bi_customer (company_id, reference)
            VALUES (%(company_id)s, %(reference)s) RETURNING id
            """,
            customer,
        )
        env.cr.execute(
            """
            INSERT INTO kpi_bi_purchase_line
                   (company_id, file_name, number, customer_id, day, category_key,
                    amount, quantity)
            VALUES (%s, 'both.csv', 2, %s, %s, 0, 10, 1)
            """,
            [company.id, env.cr.fetchone()[0], date(2026, 1, 5)],
        )
        return company.id

    company_id = commit(prepare)

    def refresh(env):
        env["kpi.bi.purchase"]._refresh(env["res.company"].browse(company_id))

    outcome = meet(refresh, refresh)
    assert (outcome.refusal, outcome.runs) == ("", 2)
    domain = [("company_id", "=", company_id)]
    for model in ("kpi.bi.purchase", "kpi.bi.result"):
        assert commit(lambda env, m=model: env[m].search_count(domain)) == 1


def test_two_runs_at_once_leave_each_result_once(commit, meet):
    company_id = commit(lambda env: new_company(env).id)

    def run(env):
        company = env["res.company"].browse(company_id)
        analyses = env["kpi.bi.analysis"].with_company(company)
        for name in analyses._list_analyses():
            analyses._run_analysis(name, company)

    outcome = meet(run, run)
    assert outcome.refusal == ""
    results = commit(
        lambda env: (
            env["kpi.bi.result"]
            .search([("company_id", "=", company_id)])
            .mapped("analysis")
        )
    )
    assert results
    assert len(results) == len(set(results))


def test_alert_rules_that_two_turn_on_at_once_are_there_once(commit, meet):
    company_id = commit(lambda env: new_company(env).id)

    def turn_on(env):
        company = env["res.company"].browse(company_id)
        ready = env["kpi.gallery.kpi"].with_company(company)
        ready.search([("code", "=", "churn_rate")])._turn_on()
        env["kpi.bi.analysis"].with_company(company)._turn_on(env["kpi.definition"])

    outcome = meet(turn_on, turn_on)
    assert outcome.refusal == ""
    rules = [("company_id", "=", company_id)]
    names = commit(lambda env: env["kpi.smart.alert"].search(rules).mapped("name"))
    assert names
    assert len(names) == len(set(names))
