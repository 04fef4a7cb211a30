from datetime import date

from odoo.tests import TransactionCase, new_test_user, tagged

OFFICER = "kpi_base.kpi_base_group_officer"
USER = "kpi_base.kpi_base_group_user"


@tagged("post_install", "-at_install")
class TestKpiFirstSteps(TransactionCase):
    """Each step is done by itself; then the panel is gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Fresh"})
        cls.officer, cls.user = (
            new_test_user(
                cls.env,
                login=f"steps_{name}",
                groups=group,
                company_id=cls.company.id,
                company_ids=cls.company.ids,
            )
            for name, group in (("officer", OFFICER), ("user", USER))
        )
        cls.own = cls.env(
            user=cls.officer, context={"allowed_company_ids": cls.company.ids}
        )

    def _done(self):
        self.env.flush_all()
        self.env.invalidate_all()
        steps = self.own["kpi.report"].get_first_steps()
        return [step["key"] for step in steps if step["is_done"]]

    def _is_finished(self):
        """Whether no addon has a step of its own to go."""
        return not self.own["kpi.report"].get_first_steps()

    def _fill(self, report, value):
        rows = [(report.id, date(2026, 1, 1), value)]
        self.env["kpi.measurement"]._upsert("month", rows, source="records")
        report.sudo()._refresh_current()

    def _definition(self):
        return self.own["kpi.definition"].create(
            {
                "name": "Partners",
                "computation": "records",
                "model_name": "res.partner",
                "date_field": "create_date",
            }
        )

    def test_a_new_company_has_all_steps_to_go(self):
        steps = self.own["kpi.report"].get_first_steps()
        keys = [step["key"] for step in steps]
        others = ("alerts", "phone")  # of other addons
        own = [key for key in keys if key not in others]
        self.assertEqual(own, ["kpi", "target"])
        self.assertEqual(self._done(), [])
        for step in steps:
            if "action" in step:
                self.assertTrue(self.env.ref(step["action"]))
            else:
                self.assertTrue(
                    callable(getattr(self.own["kpi.report"], step["method"]))
                )

    def test_steps_are_done_one_by_one_then_the_panel_is_gone(self):
        report = self._definition()._track_for("company", self.company)
        self.assertEqual(self._done(), ["kpi"])
        self.own["kpi.target"].create({"report_id": report.id, "value": 5.0})
        is_over = self._is_finished()
        self.assertEqual(self._done()[:2], [] if is_over else ["kpi", "target"])

    def test_the_first_target_is_that_of_a_kpi_with_values(self):
        reports = self.own["kpi.report"]
        opened = reports.action_set_first_target()
        self.assertEqual(opened["res_model"], "kpi.report", "there is no KPI yet")
        kpis = self.own["kpi.definition"].create([{"name": n} for n in ("A", "B")])
        _empty, filled = (kpi._track_for("company", self.company) for kpi in kpis)
        self._fill(filled, 3.0)
        opened = reports.action_set_first_target()
        self.assertEqual(opened["res_model"], "kpi.target")
        self.assertEqual(opened["context"]["default_report_id"], filled.id)

    def test_who_closes_the_panel_does_not_see_it_again(self):
        self.own["kpi.report"].close_first_steps()
        self.assertEqual(self.own["kpi.report"].get_first_steps(), [])

    def test_others_do_not_see_it(self):
        own = self.env(user=self.user)
        self.assertEqual(own["kpi.report"].get_first_steps(), [])
