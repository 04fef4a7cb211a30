from datetime import UTC

from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, new_test_user, tagged
from odoo.tools.misc import ReadonlyDict
from odoo.tools.translate import code_translations

from odoo.addons.kpi_base.engine.tabular import CellError
from odoo.addons.kpi_base.tests.import_case import OFFICER, ImportJobMixin

from ...engine.event_log import read_log_time
from ...engine.xes import Trace, write_xes
from ..engine.test_xes import BOMB, EXTERNAL, case, event, log
from .event_log_case import PURCHASES, EventLogCase, write_log


@tagged("post_install", "-at_install")
@freeze_time("2026-06-01 12:00:00")
class TestKpiImportEvent(EventLogCase):
    def test_cases_become_requests_with_their_events(self):
        job = self._import_log()
        self.assertCounts(job, added=2)
        first, second = self._get_requests()
        self.assertEqual((first.number, second.number), ("P1", "P2"))
        self.assertEqual(
            self._read_events(second),
            [
                ("Ask", "2026-03-27 16:00:00", "Ina"),
                ("Check", "2026-03-30 10:00:00", "Ann"),
                # at one moment: in the order of the file
                ("Ask", "2026-03-30 11:00:00", "Ina"),
                ("Check", "2026-03-30 11:00:00", "Ann"),
                ("Refuse", "2026-03-31 09:00:00", "Cy"),
            ],
        )
        self.assertEqual(str(first.submitted_at), "2026-03-23 09:00:00")
        self.assertEqual(str(first.decided_at), "2026-03-24 09:00:00")
        self.assertEqual((first.status, first.cycle_hours), ("approved", 24))
        self.assertEqual(first.source, "purchases.csv")
        self.assertTrue(first.is_imported)
        action = job.action_open_records()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, first | second)

    def test_nobody_is_asked_or_told(self):
        before = self.env["mail.message"].sudo().search_count([])
        deliveries = self.env["kpi.delivery"].sudo().search_count([])
        self._import_log(approving="Approve")
        requests = self._get_requests()
        self.assertEqual(requests.mapped("status"), ["approved", "pending"])
        self.assertFalse(requests.level_ids or requests.approval_step_ids)
        self.assertFalse(requests.sudo().message_follower_ids)
        self.assertEqual(self.env["mail.message"].sudo().search_count([]), before)
        self.assertEqual(self.env["kpi.delivery"].sudo().search_count([]), deliveries)

    def test_statuses_follow_the_activities_that_decide(self):
        self._import_log(approving="approve", rejecting="Refuse; Cancel")
        self.assertEqual(
            self._get_requests().mapped("approval_state"), ["approved", "rejected"]
        )

    def test_the_status_of_an_imported_request_stays_that_of_the_log(self):
        self._import_log(approving="Approve")
        pending = self._get_requests()[1]
        for act in ("action_withdraw", "action_submit", "action_close"):
            with self.subTest(act), self.assertRaises(UserError), self.cr.savepoint():
                getattr(pending, act)()
        for act in (
            lambda: pending.action_hold("Later"),
            lambda: pending.action_add_past_hold(
                "Closed", "2026-03-28 08:00:00", "2026-03-28 09:00:00"
            ),
            lambda: pending._recompute_clocks("New hours", with_hours=True),
        ):
            with self.assertRaisesRegex(UserError, "P2.*was imported"):
                act()
        self.assertFalse(pending.can_hold)

    def test_a_case_imported_twice_is_recognised(self):
        self._import_log()
        requests = self._get_requests()
        again = self._import_log()
        self.assertCounts(again, equal=2)
        self.assertEqual(self._get_requests(), requests)
        paid = ("P2", "Pay", "2026-04-01 09:00:00", "Ina")
        more = self._import_log([*PURCHASES, paid, ("P3", *paid[1:])])
        self.assertCounts(more, added=1, changed=1, equal=1)
        changed = self._get_requests()[1]
        self.assertEqual(changed, requests[1])
        self.assertEqual(len(changed.event_ids), 6)
        self.assertEqual(str(changed.decided_at), "2026-04-01 09:00:00")
        self.assertEqual(changed.cycle_hours, 113)

    def test_the_same_number_in_another_log_is_another_case(self):
        self._import_log()
        other = self._import_log(name="returns.csv")
        self.assertCounts(other, added=2)
        templates = self._get_requests().sudo().template_id
        self.assertEqual(set(templates.mapped("name")), {"purchases", "returns"})
        self.assertFalse(any(templates.mapped("active")))

    def test_a_template_can_be_chosen(self):
        template = (
            self.env["kpi.approval.workflow"]
            .sudo()
            .create(
                {
                    "name": "Purchase",
                    "model": "kpi.tat.request",
                    "workflow_type": "request_template",
                }
            )
        )
        self._import_log(template_id=template.id)
        self.assertEqual(self._get_requests().sudo().template_id, template)
        again = self._import_log(template_id=template.id, name="another name.csv")
        self.assertCounts(again, equal=2)

    def test_a_check_writes_nothing(self):
        job = self._import(write_log())
        job.action_check()
        self.assertCounts(job, added=2)
        self.assertFalse(self._get_requests())
        templates = self.env["kpi.approval.workflow"].sudo()
        self.assertFalse(
            templates.with_context(active_test=False).search(
                [("name", "=", "values"), ("company_id", "=", self.company.id)]
            )
        )

    def test_a_case_is_imported_completely_or_not_at_all(self):
        wrong = [
            ("P1", "Pay", "yesterday", ""),
            ("P4", "Ask", "2026-06-02 09:00:00", ""),
            ("", "Ask", "2026-05-02 09:00:00", ""),
            ("P5", "", "2026-05-02 09:00:00", ""),
            ("ä" + "0123456789" * 500, "Ask", "2026-05-02 09:00:00", ""),
        ]
        job = self._import_log([*PURCHASES, *wrong])
        self.assertEqual(self._get_requests().mapped("number"), ["P2"])
        reasons = self._reasons(job)
        self.assertEqual(set(reasons), {2, 3, 5, 10, 11, 12, 13, 14})
        self.assertIn("Another row of case “P1” has an error.", reasons[2])
        self.assertIn("“yesterday” is not a date and time", reasons[10])
        self.assertIn("The event is in the future.", reasons[11])
        self.assertIn("“Case” is missing.", reasons[12])
        self.assertIn("“Activity” is missing.", reasons[13])
        self.assertIn("The case has 5001 characters; the maximum is", reasons[14])

    def test_reasons_are_in_the_language_of_who_imports(self):
        self.env["res.lang"].sudo()._activate_lang("de_DE")
        with self.assertRaises(CellError) as caught:
            read_log_time("yesterday", UTC)
        words = {caught.exception.template: "„%(cell)s“ ist keine Zeit."}
        texts = code_translations.python_translations
        german = {("kpi_workflow_tat", "de_DE"): ReadonlyDict(words)}
        self.patch(code_translations, "python_translations", texts | german)
        job = self._import(write_log([*PURCHASES, ("P3", "Ask", "yesterday", "")]))
        job.with_context(lang="de_DE").action_import()
        self.assertIn("„yesterday“ ist keine Zeit.", self._reasons(job)[10])

    def test_subject_and_department_come_with_the_case(self):
        department = (
            self.env["hr.department"]
            .sudo()
            .create({"name": "Sales", "company_id": self.company.id})
        )
        titles = ("Case ID", "Activity", "Time", "Subject", "Department")
        rows = [
            ("1", "Ask", "2026-03-23 09:00", "Laptops", "Sales"),
            ("2", "Ask", "2026-03-23 09:00", "Chairs", "Nowhere"),
        ]
        job = self._imported(write_log(rows, titles))
        self.assertIn("Department “Nowhere” not found.", self._reasons(job)[3])
        request = self._get_requests()
        self.assertEqual(
            (request.subject, request.department_id), ("Laptops", department)
        )

    def test_departments_that_are_not_found_are_mapped(self):
        self.env["hr.department"].sudo().create(
            {"name": "Purchasing", "company_id": self.company.id}
        )
        job = self._import(
            "case,activity,time,department\n"
            "P1,Ask,2026-03-27 16:00,Purchsing\nP1,Check,,\n"
            "P2,Ask,2026-03-27 16:00,Purchsing\n,,,\n"
        )
        job.action_check()
        (unknown,) = job.check_page["unknown"]
        self.assertEqual((unknown["key"], unknown["rows"]), ("department", 2))
        self.assertEqual(unknown["nearest"][0]["text"], "Purchasing")
        job.action_map("department", "Purchsing", "Purchasing")
        self.assertEqual(job.accepted_count, 1)
        self.assertEqual(
            self._reasons(job)[3],
            "“Time” is missing.",
        )

    def test_departments_of_the_importer_are_not_those_of_the_cases(self):
        department = self.env["hr.department"].sudo().create({"name": "Own"})
        self.env["hr.employee"].sudo().create(
            {
                "name": "Officer",
                "user_id": self.officer.id,
                "department_id": department.id,
                "company_id": self.company.id,
            }
        )
        self._import_log()
        self.assertFalse(self._get_requests().department_id)

    def test_moments_without_a_zone_are_those_of_the_user(self):
        self.officer.tz = "Europe/Brussels"
        self._import_log()
        self.assertEqual(
            str(self._get_requests()[0].submitted_at), "2026-03-23 08:00:00"
        )

    def test_a_log_in_xes_is_read(self):
        traces = [
            Trace({"concept:name": "7"}, [{"concept:name": "Ask",
                                          "time:timestamp": "2026-03-23T09:00:00Z"}])
        ]  # fmt: skip
        job = self._imported(b"".join(write_xes(traces)), name="log.xes")
        self.assertCounts(job, added=1)
        self.assertEqual(self._get_requests().number, "7")

    def test_rows_of_a_log_in_xes_are_handed_back_as_a_workbook(self):
        content = log(case("1", event("a"), event("b", "later")))
        job = self._imported(content, name="log.xes")
        self.assertCounts(job, refused=2)
        self.assertTrue(job.refused_file_name.endswith(".xlsx"))
        self.assertIn("“later” is not", self._reasons(job)[3])

    def test_broken_and_dangerous_logs_are_refused(self):
        for content, reason in (
            (BOMB, "DOCTYPE"),
            (EXTERNAL, "DOCTYPE"),
            (log(b"<trace><event>"), "is not valid XML"),
            (b"<html><body></body></html>", "web page or XML"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(UserError, reason):
                self._import(content, name="log.xes")

    def test_a_log_that_breaks_in_the_middle_changes_nothing(self):
        whole = log(case("1", *[event("a")] * 30_000))
        job = self._import(whole[:-500], name="log.xes")
        job._run()
        self.assertEqual(job.state, "failed")
        self.assertIn("is not valid XML", job.error)
        self.assertFalse(self._get_requests())

    def test_only_officers_import(self):
        user = new_test_user(
            self.env(user=1), "log_user", OFFICER.replace("officer", "user")
        )
        imports = self.env["kpi.import"].with_user(user)
        with self.assertRaises(AccessError):
            imports.create({"target_model": self.target_model, "file": b"YQ=="})


@tagged("post_install", "-at_install")
@freeze_time("2026-06-01 12:00:00")
class TestKpiImportEventJob(ImportJobMixin, EventLogCase):
    queued_content = write_log()

    def test_long_logs_are_imported_in_the_background(self):
        job = self._queued()
        self._run_cron()
        self.assertEqual(job.state, "done", job.error)
        self.assertCounts(job, added=2)
        self.assertEqual(len(self._get_requests().event_ids), 8)

    def test_a_stopped_import_leaves_whole_cases(self):
        job = self._queued()
        with self._stop_after(4):
            self._run_cron()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self._get_requests())
