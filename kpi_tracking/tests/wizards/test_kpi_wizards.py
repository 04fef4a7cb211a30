from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, TransactionCase, freeze_time, new_test_user

from odoo.addons.kpi_base.tests.common import ClockMixin

TODAY = "2026-11-20 12:00:00"


class KpiWizardCase(ClockMixin, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["kpi.calendar"].create({"name": "UTC", "tz": "UTC"})
        cls.officer = new_test_user(
            cls.env,
            login="kpi_officer",
            groups="kpi_base.kpi_base_group_officer",
        )

    @classmethod
    def _definition(cls, name, **values):
        return cls.env["kpi.definition"].create(
            {
                "name": name,
                "computation": "manual",
                "calendar_id": cls.calendar.id,
                **values,
            }
        )


@freeze_time(TODAY)
class TestKpiValueEntry(KpiWizardCase):
    def _entry(self, report, **values):
        form = Form(
            self.env["kpi.value.entry"]
            .with_user(self.officer)
            .with_context(default_report_id=report.id)
        )
        for name, value in values.items():
            form[name] = value
        return form

    def _report(self, **values):
        return self._definition("Pulse", **values)._track_for(
            "company", self.env.company
        )

    def test_the_first_value_is_for_the_last_whole_period(self):
        report = self._report()
        form = self._entry(report, value_text="7,5", note="Survey")
        self.assertEqual((form.day, form.period_label), (date(2026, 10, 1), "Oct 2026"))
        form.save().action_enter()
        fact = report.measurement_ids
        self.assertEqual((fact.value, fact.period_start), (7.5, date(2026, 10, 1)))
        self.assertEqual(fact.source, "manual")
        self.assertEqual(fact.recorded_by_id, self.officer)

    def test_the_next_value_is_for_the_next_period(self):
        report = self._report()
        report._enter_value(date(2026, 9, 3), 1)
        self.assertEqual(self._entry(report).period_label, "Oct 2026")
        report._enter_value(date(2026, 11, 3), 1)
        self.assertEqual(self._entry(report).period_label, "Nov 2026")  # not the future

    def test_a_known_value_is_shown_before_it_is_replaced(self):
        report = self._report()
        report._enter_value(date(2026, 11, 3), 4)
        form = self._entry(report, value_text="6", reason="Counted again")
        self.assertTrue(form.has_known)
        self.assertEqual(form.known_value, 4)
        form.save().action_enter()
        self.assertEqual(report.current_value, 6)
        revision = report.measurement_ids.revision_ids
        self.assertEqual((revision.old_value, revision.reason), (4, "Counted again"))

    def test_what_was_entered_is_confirmed_and_can_be_corrected(self):
        report = self._report(unit="percent")
        params = self._entry(report, value_text="88,4").save().action_enter()["params"]
        entry = report.submission_ids
        message = f"88.4% entered for {report.display_name}, Oct 2026."
        self.assertEqual(params["message"], message)
        self.assertEqual(params["submission_id"], entry.id)
        self.assertFalse(params["corrected_id"])
        action = entry.action_correct()
        form = Form(
            self.env["kpi.value.entry"].with_context(**action["context"]),
        )
        form.value_text, form.reason = "89", "Typo"
        params = form.save().action_enter()["params"]
        newer = report.submission_ids - entry
        self.assertEqual(params["submission_id"], newer.id)
        self.assertEqual(params["corrected_id"], entry.id)

    def test_what_has_to_be_approved_is_said_to_wait(self):
        report = self._report(has_entry_approval=True)
        entry = self._entry(report, value_text="5").save()
        self.assertIn(
            "Draft saved: 5 for", entry.action_save_draft()["params"]["message"]
        )
        message = entry.action_enter()["params"]["message"]
        self.assertIn("It takes effect after approval.", message)

    def test_what_is_no_number_is_said(self):
        entry = self._entry(self._report(), value_text="12,5.3").save()
        with self.assertRaisesRegex(ValidationError, "“12,5.3” is not a number"):
            entry.action_enter()

    def test_a_value_far_outside_the_usual_is_asked_about_first(self):
        report = self._report()
        for month, value in enumerate((800, 820, 810, 830, 840), 4):
            report._enter_value(date(2026, month, 3), value)
        form = self._entry(report, value_text="850")
        self.assertFalse(form.unusual_notice)
        # Changes 20, −10, 20, 10: the usual one is 15; 7,660 more is 511 × as much
        form.value_text = "8,500"
        notice = "From 840 in Aug 2026 to 8,500: 511× the usual change."
        self.assertEqual(form.unusual_notice, notice)
        entry = form.save()
        again = entry.action_enter()
        self.assertEqual((again["res_id"], again["target"]), (entry.id, "new"))
        self.assertEqual(report.current_value, 840)
        entry.action_enter_unusual()
        self.assertEqual(report.current_value, 8500)

    def test_a_draft_is_kept_without_asking(self):
        report = self._report()
        for month in range(4, 9):
            report._enter_value(date(2026, month, 3), 5)
        entry = self._entry(report, value_text="6").save()
        self.assertIn("all previous values were 5", entry.unusual_notice)
        entry.action_save_draft()
        self.assertEqual(report.submission_ids[:1].state, "draft")

    def test_yes_and_no(self):
        report = self._report(unit="boolean")
        entry = self._entry(report, answer="0").save()
        entry.action_enter()
        self.assertEqual((report.has_value, report.current_value), (True, 0.0))

    def test_an_answer_must_be_given(self):
        report = self._report(unit="boolean")
        entry = self.env["kpi.value.entry"].create({"report_id": report.id})
        with self.assertRaisesRegex(UserError, "Enter a value first"):
            entry.action_enter()


@freeze_time(TODAY)
class TestKpiRecomputeWizard(KpiWizardCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manual = cls._definition("Pulse")
        cls.formula = cls._definition(
            "Twice", computation="formula", formula="2 * pulse"
        )

    def _job(self, user=None, **values):
        """The job that this person, or the officer, gets from the dialog."""
        wizard = (
            self.env["kpi.recompute.wizard"]
            .with_user(user or self.officer)
            .create({"date_from": "2026-01-01", "date_to": "2026-03-31", **values})
        )
        job = self.env["kpi.job"].browse(wizard.action_recompute()["res_id"])
        return job.with_user(user or self.officer)

    def test_a_job_is_queued_for_the_days_asked(self):
        job = self._job()
        self.assertEqual((job.kind, job.state), ("recompute", "queued"))
        self.assertEqual(job.date_from, date(2026, 1, 1))
        self.assertEqual(job.date_to, date(2026, 3, 31))

    def test_without_a_choice_the_computed_kpis_of_the_own_companies_are_meant(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = self.formula.copy({"company_id": other.id, "formula": "1"})
        shared = self.formula.copy({"company_id": False, "formula": "1"})
        asked = self._job().sudo().definition_ids
        self.assertLessEqual(self.formula | shared, asked)
        self.assertFalse(asked & (foreign | self.manual))

    def test_the_same_job_waits_once(self):
        job = self._job()
        self.assertEqual(self._job(), job)
        self.assertNotEqual(self._job(date_to="2026-04-30"), job)
        half = self.formula.copy()
        self.assertNotEqual(self._job(definition_ids=half.ids), job)
        job = self._job()
        job.sudo().write({"state": "queued", "started_at": TODAY})  # half done
        self.assertNotEqual(self._job(), job)

    def test_who_asked_for_a_job_may_stop_it(self):
        job = self._job()
        other = new_test_user(
            self.env, "other", groups="kpi_base.kpi_base_group_officer"
        )
        with self.assertRaises(AccessError):
            job.with_user(other).action_cancel()
        job.action_cancel()
        self.assertEqual(job.state, "cancelled")

    def test_days_that_mean_nothing(self):
        wizards = self.env["kpi.recompute.wizard"]
        for message, first, last in (
            ("From: 1800-01-01 is out of range", "1800-01-01", "2026-01-31"),
            ("To: 9999-12-31 is out of range", "2026-01-01", "9999-12-31"),
            (
                "Nov 21 is in the future",
                "2026-11-21",
                "2027-01-01",
            ),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                wizards.create({"date_from": first, "date_to": last})

    def test_the_last_day_must_not_come_first(self):
        with self.assertRaisesRegex(ValidationError, "is before the first"):
            self.env["kpi.recompute.wizard"].create(
                {"date_from": "2026-02-01", "date_to": "2026-01-31"}
            )

    def test_ticked_kpis_are_taken_where_they_are_computed(self):
        both = self.manual | self.formula
        reports = both._track_for("company", self.env.company)
        for ticked in (both, reports):
            wizards = self.env["kpi.recompute.wizard"].with_context(
                active_model=ticked._name, active_ids=ticked.ids
            )
            self.assertEqual(wizards.new({}).definition_ids._origin, self.formula)

    def test_what_is_no_id_is_not_ticked(self):
        wizards = self.env["kpi.recompute.wizard"]
        for odd in ("abc", 7.5, {}, None, [None, "x", [1], {}, True, -1, 2**40]):
            context = {"active_model": "kpi.definition", "active_ids": odd}
            self.assertFalse(wizards.with_context(**context).new({}).definition_ids)


class TestKpiTrackWizard(KpiWizardCase):
    def test_what_is_missing_is_tracked(self):
        definition = self._definition("Pulse")
        departments = self.env["hr.department"].create(
            [{"name": "North"}, {"name": "South"}]
        )
        known = definition._track_for("department", departments[:1])
        wizard = (
            self.env["kpi.track.wizard"]
            .with_user(self.officer)
            .with_context(active_model="kpi.definition", active_ids=definition.ids)
            .create({"department_ids": departments.ids})
        )
        action = wizard.action_track()
        reports = self.env["kpi.report"].search(action["domain"])
        self.assertEqual(reports.department_id, departments)
        self.assertIn(known, reports)

    def test_somebody_must_be_chosen(self):
        wizard = self.env["kpi.track.wizard"].create(
            {"definition_ids": self._definition("Pulse").ids, "scope_type": "team"}
        )
        with self.assertRaisesRegex(UserError, "Choose who"):
            wizard.action_track()


class TestKpiSettings(KpiWizardCase):
    def _settings(self):
        return Form(self.env["res.config.settings"])

    def test_settings_change_the_crons(self):
        refresh = self.env.ref("kpi_base.kpi_job_cron")
        reconcile = self.env.ref("kpi_tracking.kpi_job_cron_reconcile")
        refresh.write({"interval_number": 2, "interval_type": "hours"})
        form = self._settings()
        self.assertEqual(form.kpi_refresh_minutes, 120)
        self.assertTrue(form.kpi_has_night_check)
        form.kpi_refresh_minutes = 5
        form.kpi_has_night_check = False
        form.save().execute()
        self.assertEqual(
            (refresh.interval_number, refresh.interval_type), (5, "minutes")
        )
        self.assertFalse(reconcile.active)

    def test_other_settings_leave_the_crons_alone(self):
        refresh = self.env.ref("kpi_base.kpi_job_cron")
        refresh.write({"interval_number": 2, "interval_type": "hours"})
        self._settings().save().execute()
        self.assertEqual((refresh.interval_number, refresh.interval_type), (2, "hours"))

    def test_an_interval_is_a_time(self):
        form = self._settings()
        form.kpi_refresh_minutes = 0
        with self.assertRaisesRegex(ValidationError, "1 to 1440"):
            form.save()

    def test_computations_at_once_are_lanes(self):
        form = self._settings()
        self.assertEqual(form.kpi_lane_count, 1)
        form.kpi_lane_count = 3
        form.save().execute()
        self.assertEqual(len(self.env["kpi.job"]._find_lanes()), 3)
        form = self._settings()
        form.kpi_lane_count = 9
        with self.assertRaisesRegex(ValidationError, "1 to 8"):
            form.save()

    def test_new_kpis_take_the_calendar_chosen(self):
        form = self._settings()
        form.kpi_calendar_id = self.calendar
        form.save().execute()
        definition = self.env["kpi.definition"].create({"name": "Pulse"})
        self.assertEqual(definition.calendar_id, self.calendar)
