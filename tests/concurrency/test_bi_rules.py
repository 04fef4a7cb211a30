"""Purchases of a company, written by two runs at once."""

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
