from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .tat_case import TatCase, utc


@tagged("post_install", "-at_install")
class TestKpiTatTemplateVersion(TatCase):
    """Templates that change, and clocks that are counted again by what holds now."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.olga.group_ids = cls.env.ref("kpi_base.kpi_base_group_officer")

    def test_requests_keep_the_version_they_began_with(self):
        self.assertEqual(self.template.version_number, 1)
        first, same = self._submit(), self._submit()
        self.assertEqual(first.version_id, same.version_id)
        self.assertEqual(first.version_id.display_name, "Version 1")
        self.assertFalse(first.is_version_outdated)
        self.template.level_ids[0].tat_hours_standard = 3
        self.assertEqual(self.template.version_number, 2)
        later = self._submit()
        first.invalidate_recordset()
        self.assertEqual(first.version_id.number, 1)
        self.assertTrue(first.is_version_outdated)
        self.assertEqual(later.version_id.number, 2)
        rows = self._get_row(first, self.ann), self._get_row(later, self.ann)
        self.assertEqual([row.allowed_seconds / 3600 for row in rows], [6, 3])
        # whose approvers change makes another version, too
        self.template.level_ids[0].approver_ids.user_id = self.bo
        self.assertEqual(self._submit().version_id.number, 3)

    def test_what_is_sent_back_begins_with_the_version_of_then(self):
        request = self._submit()
        self.template.level_ids[0].tat_hours_standard = 3
        request.with_user(self.ann).action_return("Which model?")
        self.assertEqual(request.version_id.number, 1)
        request.action_submit()
        self.assertEqual(request.version_id.number, 2)

    def test_a_version_says_what_the_template_said(self):
        version = self._submit().version_id.with_user(self.ina)
        self.template.level_ids[0].unlink()
        text = version.summary.replace("\u202f", " ")
        for word in ("Ann", "Cy", "6 h", "4 h", "Remind"):
            self.assertIn(word, text)
        self.assertFalse(version.has_access("write"))

    def test_the_form_of_a_template_shows_its_version(self):
        self._submit()
        form = Form(
            self.template,
            view="kpi_workflow_tat.kpi_approval_workflow_view_form_template",
        )
        self.assertEqual(form.version_number, 1)
        self.assertEqual(len(form.version_ids), 1)

    def _add_holiday(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": utc("2026-03-23 23:00"),
                "date_to": utc("2026-03-24 22:59:59"),
            }
        )

    def _open(self, request, user=None, **values):
        return (
            self.env["kpi.tat.recompute"]
            .with_user(user or self.olga)
            .create(
                {
                    "request_ids": [Command.set(request.ids)],
                    "reason": "The office was closed",
                    **values,
                }
            )
        )

    def test_holidays_count_after_a_recompute_that_shows_before_and_after(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        frozen = row.calendar_id
        self._add_holiday()
        with self._at("2026-03-25 08:00:00"):  # 3 h + 8 h, or 3 h + 1 h
            dialog = self._open(request)
            shown = dialog.preview.replace("\u202f", " ")
            self.assertIn("12 h of 6 h", shown)
            self.assertIn("4 h of 6 h", shown)
            self.assertEqual(row.calendar_id, frozen)  # nothing is written yet
            dialog.action_confirm()
            self.assertEqual(row._read_now(utc("2026-03-25 08:00")).elapsed, 4 * 3600)
        self.assertNotEqual(row.calendar_id, frozen)
        self.assertEqual(row.due_at, utc("2026-03-25 10:00"))
        body = request.sudo().message_ids.sorted("id")[-1].body.replace("\u202f", " ")
        for text in ("The office was closed", "12 h of 6 h", "4 h of 6 h"):
            self.assertIn(text, body)
        (entry,) = self.env["kpi.audit.log"].search(
            [
                ("model", "=", request._name),
                ("res_id", "=", request.id),
                ("event_type", "=", "approval_recomputed"),
            ]
        )
        self.assertIn('"before"', entry.text)
        self.assertIn('"elapsed":14400', entry.text)

    def test_a_changed_template_holds_for_what_runs_after_a_recompute(self):
        request = self._submit()
        ann, cy = self._get_row(request, self.ann), self._get_row(request, self.cy)
        self.template.level_ids.tat_hours_standard = 10
        with self._at("2026-03-23 15:00:00"):
            dialog = self._open(request, with_hours=False, with_allowance=True)
            self.assertIn("2 h of 10 h", dialog.preview.replace("\u202f", " "))
            dialog.action_confirm()
            self.assertEqual(ann._read_now(utc("2026-03-23 15:00")).elapsed, 7200)
        self.assertEqual((ann.allowed_seconds, ann.elapsed_before), (36000, 0))
        self.assertEqual(ann.due_at, utc("2026-03-24 15:00"))
        self.assertEqual(cy.tat_hours_standard, 10)
        with self._at("2026-03-24 07:00:00"):
            request.with_user(self.ann).action_approve()
        self.assertEqual(cy.allowed_seconds, 36000)

    def test_holds_stay_in_a_recompute(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.ann).action_hold("Quote")
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.ann).action_resume()
        self._add_holiday()
        with self._at("2026-03-25 08:00:00"):
            self._open(request).action_confirm()
            self.assertEqual(row._read_now(utc("2026-03-25 08:00")).elapsed, 3 * 3600)

    def test_only_officers_recompute_and_with_a_reason(self):
        request = self._submit()
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._open(request, self.ann)
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.with_user(self.ann)._recompute_clocks("Mine", with_hours=True)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._open(request, reason=" ").action_confirm()
        request.action_withdraw()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._open(request).action_confirm()

    def test_nothing_changes_where_nothing_has_changed(self):
        request = self._submit()
        dialog = self._open(request, with_allowance=True)
        self.assertIn("No clocks changed", dialog.preview)
