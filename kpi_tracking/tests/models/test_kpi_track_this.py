from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import MODEL, KpiCase


@tagged("post_install", "-at_install")
class TestKpiTrackThis(KpiCase):
    """A definition proposed from what a list, graph or pivot view shows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()

    def _proposed(self, **view):
        definitions = self.env["kpi.definition"]
        partner = view.pop("model", "res.partner")
        context = definitions.action_track_view(partner, view)["context"]
        values = {
            name.removeprefix("default_"): value
            for name, value in context.items()
            if name.startswith("default_")
        }
        return values

    def test_a_graph_gives_measure_and_breakdown(self):
        values = self._proposed(
            model=MODEL,
            domain=[["x_is_won", "=", True]],
            measure="x_amount",
            group_by=["x_stage_id", "x_date:quarter"],
        )
        self.assertEqual(values["measure"], "sum")
        self.assertEqual(values["measure_field"], "x_amount")
        self.assertEqual(values["domain"], "[('x_is_won', '=', True)]")
        self.assertEqual(
            (values["date_field"], values["frequency"]), ("x_date", "quarter")
        )
        self.assertEqual(values["breakdown_ids"][0][2], {"field_path": "x_stage_id"})
        self.assertEqual(values["tracked_levels"], "company")

    def test_a_count_is_a_count(self):
        values = self._proposed(model=MODEL, measure="__count")
        self.assertEqual(values["measure"], "count")
        self.assertEqual(values["date_field"], "create_date")

    def test_a_list_leaves_the_measure_to_be_said(self):
        values = self._proposed(model=MODEL)
        self.assertFalse(values["measure"])

    def test_my_own_records_become_the_scope(self):
        values = self._proposed(
            domain=["&", ["user_id", "=", self.env.uid], ["active", "=", True]]
        )
        self.assertEqual(values["domain"], "[('active', '=', True)]")
        self.assertEqual(values["tracked_levels"], "me")

    def test_somebody_elses_records_stay_a_condition(self):
        values = self._proposed(domain=[["user_id", "=", self.ann.id]])
        self.assertIn("user_id", values["domain"])
        self.assertEqual(values["tracked_levels"], "company")

    def test_a_date_filter_becomes_the_date(self):
        values = self._proposed(
            model=MODEL,
            domain=[
                "&", ["x_is_won", "=", True],
                "|", "&", ["x_at", ">=", "2026-01-01"], ["x_at", "<", "2026-02-01"],
                "&", ["x_at", ">=", "2026-03-01"], ["x_at", "<", "2026-04-01"],
            ],
            date_fields=["x_at"],
        )  # fmt: skip
        self.assertEqual(values["date_field"], "x_at")
        self.assertEqual(values["domain"], "[('x_is_won', '=', True)]")

    def test_other_dates_stay_conditions(self):
        values = self._proposed(
            model=MODEL, domain=[["x_closed_date", ">=", "2026-01-01"]]
        )
        self.assertIn("x_closed_date", values["domain"])

    def test_groups_of_persons_become_scopes(self):
        values = self._proposed(group_by=["user_id", "country_id"])
        self.assertEqual(values["tracked_levels"], "user")
        lines = [line[2]["field_path"] for line in values["breakdown_ids"]]
        self.assertEqual(lines, ["country_id"])

    def test_records_that_hold_no_business_are_refused(self):
        for model in ("ir.cron", "kpi.report", "no.such.model", "kpi.track.wizard"):
            with self.subTest(model=model), self.assertRaises(UserError):
                self._proposed(model=model)

    def test_only_officers_may(self):
        user = self._create_user("plain", groups="kpi_base.kpi_base_group_user")
        definitions = self.env["kpi.definition"].with_user(user)
        with self.assertRaises(AccessError):
            definitions.action_track_view("res.partner", {})

    def test_records_that_the_officer_may_not_read_are_refused(self):
        officer = self._create_user("off", groups="kpi_base.kpi_base_group_officer")
        definitions = self.env["kpi.definition"].with_user(officer)
        with self.assertRaises(UserError):
            definitions.action_track_view("hr.employee", {})

    def test_the_new_kpi_is_tracked_and_opened(self):
        kpi = self._definition("Mine", tracked_levels="me")
        self.assertEqual(kpi.report_ids.mapped("scope_type"), ["company", "user"])
        self.assertEqual(kpi.report_ids.user_id, self.env.user)
        opened = kpi.action_open_calculated()["params"]["next"]
        of_company = kpi.report_ids.filtered(lambda kpi: kpi.scope_type == "company")
        self.assertEqual(opened["res_id"], of_company.id)

    def test_persons_in_the_records_are_tracked(self):
        day = date(2026, 1, 1)
        self.deals.create(
            [
                {
                    "x_active": True,
                    "x_user_id": self.ann.id,
                    "x_date": date(2026, 1, 1),
                },
                {"x_active": True, "x_user_id": False, "x_date": day},
            ]
        )
        kpi = self._definition("Theirs", tracked_levels="user")
        self.assertEqual(kpi.report_ids.user_id, self.ann)
