from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from odoo.addons.kpi_base.tests.common import open_models

from ..common import MODEL, KpiCase

OFFICER = "base.group_user,kpi_base.kpi_base_group_officer"


@tagged("post_install", "-at_install")
class TestKpiDefinitionLevels(KpiCase):
    """A new definition is tracked with its first save."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_sales()
        open_models(cls, MODEL)
        cls.officer = cls._create_user("levels_officer", groups=OFFICER)
        cls.kpis = cls.env["kpi.definition"].with_user(cls.officer)
        cls.kpis = cls.kpis.with_context(allowed_company_ids=cls.company.ids)

    def _create(self, levels, **values):
        return self.kpis.create(
            {
                "name": f"Levels {levels}",
                "company_id": self.company.id,
                "tracked_levels": levels,
                **values,
            }
        )

    def _scopes(self, kpi):
        return sorted(kpi.report_ids.mapped("scope_type"))

    def test_a_form_tracks_a_new_kpi_for_the_company(self):
        form = Form(self.kpis)
        form.name = "From a form"
        self.assertEqual(form.tracked_levels, "company")
        self.assertTrue(form.tracked_in_words.startswith("1 KPI: 1 company."))
        kpi = form.save()
        self.assertEqual(self._scopes(kpi), ["company"])
        self.assertEqual(kpi.report_ids.company_id, self.company)
        self.assertFalse(kpi.tracked_levels, "it is asked once")

    def test_who_creates_one_otherwise_decides_later(self):
        kpi = self.kpis.create({"name": "By a program"})
        self.assertFalse(kpi.report_ids)
        self.assertFalse(self._create("none").report_ids)

    def test_a_kpi_that_is_made_for_another_form_is_tracked_there(self):
        form = Form(self.kpis.with_context(kpi_for_me=True))
        form.name = "For me"
        self.assertFalse(form.tracked_levels)
        self.assertFalse(form.save().report_ids)

    def test_everybody_whom_records_count_for_is_tracked(self):
        self.deals.create(
            [
                {
                    "x_active": True,
                    "x_company_id": self.company.id,
                    "x_date": date(2026, 1, 1),
                    "x_user_id": user.id,
                }
                for user in (self.ann, self.ann, self.env["res.users"])
            ]
        )
        measured = {
            "computation": "records",
            "model_name": MODEL,
            "date_field": "x_date",
            "user_field": "x_user_id",
            "company_field": "x_company_id",
        }
        kpi = self._create("user", **measured)
        self.assertEqual(kpi.report_ids.user_id, self.ann)
        form = {"domain": "[]", "tracked_levels": "user", "company_id": self.company.id}
        draft = self.kpis.new({**measured, **form})
        # A form has its proposals before someone changes one of them.
        self.assertFalse(draft.team_field)
        draft.user_field = "x_user_id"
        self.assertIn("1 person", draft.tracked_in_words)
        draft.domain = "[('x_gone', '=', 1)]"
        self.assertNotIn("person", draft.tracked_in_words)

    def test_values_that_reach_the_company_alone_are_tracked_for_it_alone(self):
        kpi = self._create(
            "user",
            computation="records",
            model_name=MODEL,
            date_field="x_date",
            user_field=False,
            department_field=False,
        )
        self.assertEqual(self._scopes(kpi), ["company"])

    def test_of_ones_own(self):
        kpi = self._create("me")
        self.assertEqual(self._scopes(kpi), ["company", "user"])
        self.assertEqual(kpi.report_ids.user_id, self.officer)

    def test_who_is_responsible_is_said(self):
        for owner, words in (
            (self.officer, "Responsible: you."),
            (self.ann, f"Responsible: {self.ann.name}."),
        ):
            draft = self.kpis.new({"tracked_levels": "company", "owner_id": owner.id})
            self.assertTrue(draft.tracked_in_words.endswith(words))

    def test_it_opens_once_it_is_calculated(self):
        kpi = self._create("me")
        opened = kpi.action_open_calculated()
        self.assertEqual(opened["res_model"], "kpi.report")
        of_company = kpi.report_ids.filtered(lambda kpi: kpi.scope_type == "company")
        self.assertEqual(opened["res_id"], of_company.id)
        opened = self._create("none").action_open_calculated()
        self.assertEqual(opened["res_model"], "kpi.definition")

    def test_only_officers_create_and_track(self):
        user = self._create_user("levels_user", groups="kpi_base.kpi_base_group_user")
        with self.assertRaises(AccessError):
            self.kpis.with_user(user).create({"name": "No", "tracked_levels": "me"})
