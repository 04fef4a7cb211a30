import psycopg2

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .report_case import OPEN, ReportCase
from .test_kpi_tat_views import MODELS

ROWS = (
    "kpi.tat.compliance",
    "kpi.tat.alert.summary",
    "kpi.tat.workflow.aging",
    "kpi.tat.engagement",
    "kpi.tat.lifecycle",
)


@tagged("post_install", "-at_install")
class TestKpiTatViewAccess(ReportCase):
    """Who sees which rows, what a row opens, and how the views are kept."""

    count = 60

    def _search(self, model, user, **context):
        companies = {"allowed_company_ids": user.company_ids.ids}
        return (
            self.env[model]
            .with_user(user)
            .with_context(**companies, **context)
            .search([])
        )

    def test_rows_are_seen_by_who_sees_the_request(self):
        for user in (self.people[0], self._make_user("nobody")):
            seen = self._search("kpi.tat.request", user)
            for model in ROWS:
                rows = self._search(model, user)
                everything = self.env[model].search([])
                own = everything.filtered(lambda row, ok=seen: row.request_id in ok)
                with self.subTest(model=model, user=user.name):
                    self.assertEqual(rows.ids, own.ids)
                    self.assertLess(len(rows), len(everything))

    def test_officers_see_all_of_their_companies(self):
        officer = self._make_user("officer", "officer")
        for model in (*ROWS, "kpi.tat.request.volume", "kpi.tat.department.summary"):
            self.assertEqual(
                self._search(model, officer).ids, self.env[model].search([]).ids
            )
        officer.company_ids = self.company
        for model in (*ROWS, "kpi.tat.request.volume", "kpi.tat.daily.metrics"):
            rows = self._search(model, officer)
            self.assertEqual(rows.company_id, self.company, model)

    def test_people_see_their_own_figures_and_managers_their_department(self):
        ann = self.people[0]
        performance = "kpi.tat.approver.performance"
        self.assertEqual(self._search(performance, ann).approver_id, ann)
        self.assertFalse(self._search("kpi.tat.department.summary", ann))
        with self.assertRaises(AccessError):
            self._search("kpi.tat.request.volume", ann)
        employee = self.env["hr.employee"].create(
            {"name": "Ann", "user_id": ann.id, "company_id": self.company.id}
        )
        self.departments[0].manager_id = employee
        rows = self._search("kpi.tat.department.summary", ann)
        self.assertEqual(rows.department_id, self.departments[0])
        rows = self._search("kpi.tat.daily.metrics", ann)
        self.assertEqual(rows.department_id, self.departments[0])

    def test_a_row_opens_as_many_records_as_it_counts(self):
        counts = {
            "kpi.tat.request.volume": "total_requests",
            "kpi.tat.approver.performance": "total_assignments",
            "kpi.tat.department.summary": "total_requests",
            "kpi.tat.daily.metrics": "requests_created",
        }
        for context in ({}, {"kpi_tat_date_from": "2026-03-01"}):
            for model, name in counts.items():
                self.env.invalidate_all()
                rows = self.env[model].with_context(**context).search([])
                self.assertTrue(rows)
                for row in rows:
                    action = row.action_open_rows()
                    opened = self.env[action["res_model"]].with_context(**context)
                    with self.subTest(model=model, row=row.display_name):
                        self.assertEqual(
                            opened.search_count(action["domain"]), row[name]
                        )

    def test_the_screens_of_reports_load(self):
        for action in self.env["ir.actions.act_window"].search(
            [("res_model", "in", list(MODELS))]
        ):
            kinds = [*action.view_mode.split(","), "search"]
            model = self.env[action.res_model]
            views = model.get_views([(False, kind) for kind in kinds])["views"]
            with self.subTest(action.name):
                self.assertEqual(set(views), set(kinds))

    def test_a_row_of_a_request_opens_it(self):
        for model in ROWS:
            row = self.env[model].search([], limit=1)
            action = row.action_open_rows()
            self.assertEqual(action["res_id"], row.request_id.id)

    def test_the_interval_widens_with_few_decisions(self):
        row = self.env["kpi.tat.approver.performance"].search([], limit=1)
        self.assertRegex(row.compliance_interval, r"^\d+–\d+%$")

    def test_what_is_no_date_is_refused(self):
        with (
            self.assertRaisesRegex(psycopg2.Error, "rubbish"),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self._query("SELECT * FROM vw_tat_compliance", date_from="rubbish")
        for date in (
            "rubbish",
            "0001-01-01",
            "9999-12-31",
            "1899-12-31 23:00:00",
            "today =1x",
            "today -9999y",
            "today -9999999999d",
        ):
            with (
                self.subTest(date),
                self.assertRaisesRegex(UserError, f"“{date}” is not a date"),
            ):
                self._search(
                    "kpi.tat.compliance", self.people[0], kpi_tat_date_from=date
                )

    def test_a_moment_is_that_of_its_offset(self):
        view = self.env["kpi.tat.view"]
        for text, moment in (
            ("2026-03-31 14:05:00", "2026-03-31 14:05:00"),
            ("2026-03-31T14:05:00+02:00", "2026-03-31 12:05:00"),
            ("2026-03-31T23:05:00-02:00", "2026-04-01 01:05:00"),
            ("2026-03-31T14:05:00Z", "2026-03-31 14:05:00"),
        ):
            self.assertEqual(str(view._read_moment(text)), moment)

    def test_days_and_todays_are_read_as_one(self):
        self.env.user.tz = "UTC"
        view = self.env["kpi.tat.view"]
        today = fields.Date.today()
        for value in (today, str(today), "today"):
            with self.subTest(value):
                self.assertEqual(view._read_moment(value).date(), today)
        with self.assertRaisesRegex(UserError, "e.g. 2026-03-31 or “today -30d”"):
            view._read_moment("tomorrow")

    def _count_aging(self):
        (row,) = self._query("SELECT count(*) FROM vw_workflow_aging")
        return row["count"]

    @mute_logger("odoo.addons.kpi_base.models.record.kpi_view_mixin")
    def test_a_dropped_or_changed_view_is_built_again_with_its_grants(self):
        model = self.env["kpi.tat.workflow.aging"]
        expected = len(
            [one for one in self._get_real(self.requests) if one["status"] in OPEN]
        )
        reader = "pg_monitor"  # a role that every server has
        self.cr.execute(f"GRANT SELECT ON vw_workflow_aging TO {reader}, PUBLIC")
        model._register_hook()
        parameter = self.env["ir.config_parameter"].search(
            [("key", "=", "kpi_workflow_tat.view_grants.vw_workflow_aging")]
        )
        parameter.value = parameter.value.replace(reader, f'{reader}", "gone')
        self.cr.execute("DROP VIEW vw_workflow_aging")
        model._register_hook()
        self.assertEqual(self._count_aging(), expected)
        self.assertEqual(model._read_grants(), ["", reader])
        self.cr.execute(
            "DROP VIEW vw_workflow_aging;"
            " CREATE VIEW vw_workflow_aging AS SELECT 1 AS id, 2 AS old_column;"
            f" GRANT SELECT ON vw_workflow_aging TO {reader}"
        )
        model._register_hook()
        self.assertEqual(self._count_aging(), expected)
        self.assertEqual(model._read_grants(), [reader])

    @mute_logger("odoo.addons.kpi_base.models.record.kpi_view_mixin")
    def test_a_view_of_somebody_that_reads_ours_stops_nothing(self):
        model = self.env["kpi.tat.workflow.aging"]
        self.cr.execute(
            "COMMENT ON VIEW vw_workflow_aging IS 'old';"
            " CREATE VIEW kpi_test_own AS SELECT request_id FROM vw_workflow_aging"
        )
        model._register_hook()
        self.assertEqual(model._read_mark(), model._compute_mark())

    def test_a_view_that_is_as_it_should_be_is_left_alone(self):
        for name in (*ROWS, "kpi.tat.request.volume", "kpi.tat.daily.metrics"):
            with self.assertNoLogs("odoo.addons.kpi_base", "INFO"):
                self.env[name]._register_hook()

    def test_the_orm_may_change_columns_below(self):
        """As an update of another addon does, which drops the view."""
        from odoo.tools.sql import drop_depending_views

        model = self.env["kpi.tat.workflow.aging"]
        before = self._count_aging()
        drop_depending_views(self.cr, "workflow_requests", "subject")
        self.assertIsNone(model._compute_mark())
        with mute_logger("odoo.addons.kpi_base.models.record.kpi_view_mixin"):
            model._register_hook()
        self.assertEqual(self._count_aging(), before)
