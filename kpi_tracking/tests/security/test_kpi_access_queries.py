from odoo.tests import tagged
from odoo.tools import SQL

from .access_case import KpiAccessCase

REPORTS = 10_000
EMPLOYEES = 300


@tagged("post_install", "-at_install")
class TestKpiAccessQueries(KpiAccessCase):
    """Rules cost the same few queries however many KPIs and people there are."""

    def _count_queries(self, persona, model="kpi.report"):
        own = self.as_user(persona, model)
        own.search([], limit=80)  # rights and groups are cached by the process
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        own.search([], limit=80)
        return self.env.cr.sql_log_count - before

    def _grow(self):
        """Departments, people and KPIs by the hundred, below Sales."""
        env = self.env
        departments = env["hr.department"].create(
            [
                {
                    "name": f"Area {n}",
                    "parent_id": self.sales.id,
                    "company_id": self.a.id,
                }
                for n in range(20)
            ]
        )
        users = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                [
                    {"name": f"Person {n}", "login": f"kpi_person_{n}"}
                    for n in range(EMPLOYEES)
                ]
            )
        )
        env["hr.employee"].create(
            [
                {
                    "name": user.name,
                    "user_id": user.id,
                    "company_id": self.a.id,
                    "department_id": departments[n % 20].id,
                }
                for n, user in enumerate(users)
            ]
        )
        definitions = env["kpi.definition"].create(
            [
                {"name": f"Grown {n}", "code": f"grown_{n}", "company_id": self.a.id}
                for n in range(REPORTS // EMPLOYEES + 1)
            ]
        )
        env.flush_all()
        # The ORM would take minutes for what is only a heap of rows here.
        env.cr.execute(
            """
            INSERT INTO kpi_report (definition_id, scope_type, scope_id, company_id,
                                    user_id, name, active, status, distance_percent)
            SELECT definition.id, 'user', person.id, %s, person.id, 'Grown', TRUE,
                   'no_data', random() * 100
              FROM unnest(%s) AS definition(id), unnest(%s) AS person(id)
             LIMIT %s;
            INSERT INTO kpi_measurement (report_id, grain, period_start, value, source,
                                         recorded_at)
            SELECT report.id, 'month', month::date, 1, 'records', now()
              FROM kpi_report AS report,
                   generate_series('2025-01-01'::date, '2025-06-01', '1 month') AS month
             WHERE report.name = 'Grown';
            ANALYZE kpi_report, kpi_measurement, kpi_report_shared_user_rel,
                    hr_department, hr_employee, hr_version
            """,
            (self.a.id, definitions.ids, users.ids, REPORTS),
        )

    def test_ten_thousand_kpis(self):
        people = ("user", "manager", "parent", "officer_a")
        models = ("kpi.report", "kpi.measurement", "kpi.target")
        cases = [(persona, model) for persona in people for model in models]
        before = {case: self._count_queries(*case) for case in cases}
        self._grow()
        after = {case: self._count_queries(*case) for case in cases}
        self.assertEqual(after, before)
        self.assertLessEqual(max(after.values()), 8)
        self._test_indexes()

    def _test_indexes(self):
        """Few KPIs of many are found without reading all of them."""
        for persona, model in (
            ("user", "kpi.report"),
            ("manager", "kpi.report"),
            ("leader", "kpi.report"),
            ("user", "kpi.measurement"),
            ("manager", "kpi.measurement"),
        ):
            table = self.env[model]._table
            query = self.as_user(persona, model)._search([])
            plan = "\n".join(
                row
                for (row,) in self.env.execute_query(
                    SQL("EXPLAIN (ANALYZE, BUFFERS) %s", query.select())
                )
            )
            with self.subTest(persona=persona, model=model):
                self.assertNotIn(f"Seq Scan on {table}", plan, plan)
