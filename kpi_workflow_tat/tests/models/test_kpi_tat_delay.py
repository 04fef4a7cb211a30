from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .tat_case import TatCase

IN_TIME = "2026-03-23 15:00:00"
LATE = "2026-03-24 12:00:00"  # 13:00 in Brussels: one of 6 hours too late


@tagged("post_install", "-at_install")
class TestKpiTatDelay(TatCase):
    """A decision after its due time asks for a reason, which is stored with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reasons = cls.env["kpi.approval.delay.reason"].search([])
        cls.workload = cls.env.ref("kpi_base.kpi_approval_delay_reason_workload")

    def _get_rows(self, request):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["kpi.tat.compliance"].search(
            [("request_id", "=", request.id), ("decided_at", "!=", False)]
        )

    def test_reasons_are_a_list_to_choose_from(self):
        self.assertEqual(
            self.reasons.mapped("name"),
            [
                "Waiting for Information",
                "Absence",
                "Workload",
                "Unclear Responsibility",
                "Other",
            ],
        )

    def test_in_time_no_reason_is_asked(self):
        request = self._submit()
        with self._at(IN_TIME):
            self.assertIsNone(request.with_user(self.ann).action_open_approve())
        self.assertFalse(self._get_rows(request).delay_reason)
        self.assertEqual(self._get_row(request, self.ann).decision, "approved")

    def test_a_late_approval_opens_the_dialog_and_stores_the_reason(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at(LATE):
            action = request.with_user(self.ann).action_open_approve()
            self.assertEqual(row.decision, "asked")
            dialog = self.env[action["res_model"]].with_user(self.ann)
            dialog = dialog.with_context(**action["context"]).create({})
            self.assertEqual(dialog.late_count, 1)
            with self.assertRaisesRegex(ValidationError, "Choose a delay reason"):
                dialog.action_decide()
            dialog.delay_reason_id = self.workload
            dialog.delay_note = " Month end "
            dialog.action_decide()
        self.assertEqual(row.decision, "approved")
        self.assertEqual(row.delay_reason_id, self.workload)
        self.assertEqual(row.delay_note, "Month end")
        (clock,) = self._get_rows(request)
        self.assertEqual(
            (clock.delay_reason, clock.delay_note), ("Workload", "Month end")
        )
        self.assertEqual(clock.hours_late, 1.0)
        entry = self.env["kpi.audit.log"].search(
            [("model", "=", request._name), ("res_id", "=", request.id)],
            order="id desc",
        )
        entry = entry.filtered(lambda one: one.event_type == "approval_approved")
        self.assertIn('"delay_reason":"Workload"', entry.text.replace(" ", ""))
        lines = [line for one in request.get_timeline() for line in one["lines"]]
        self.assertIn("Delay reason: Workload", lines)

    def test_dialogs_of_a_rejection_ask_too(self):
        """Those of the request, and that of the list of approvals."""
        for decision, state in (("reject", "rejected"), ("return", "returned")):
            request = self._submit()
            row = self._get_row(request, self.ann)
            with self._at(LATE):
                action = getattr(row.with_user(self.ann), f"action_{decision}")()
                values = {"comment": "No"}
                dialogs = self.env["kpi.tat.decision"].with_user(self.ann)
                dialog = dialogs.with_context(**action["context"]).create(values)
                with self.assertRaisesRegex(ValidationError, "delay reason"):
                    dialog.action_confirm()
                dialog.delay_reason_id = self.workload
                dialog.action_confirm()
            self.assertEqual(
                (row.decision, row.delay_reason_id), (state, self.workload)
            )

    def test_reassigning_asks_for_no_reason(self):
        request = self._submit()
        with self._at(LATE):
            dialog = (
                self.env["kpi.tat.decision"]
                .with_user(self.ann)
                .create(
                    {
                        "request_ids": request.ids,
                        "decision": "reassign",
                        "user_id": self.bo.id,
                        "comment": "You know it",
                    }
                )
            )
            self.assertFalse(dialog.late_count)
            dialog.action_confirm()

    def test_several_are_asked_once_and_only_late_ones_get_the_reason(self):
        late, more = self._submit(), self._submit()
        with self._at("2026-03-24 11:00:00"):
            new = self._submit()
        with self._at(LATE):
            items = self.env["kpi.approval.item"].with_user(self.ann).search([])
            self.assertEqual(len(items), 3)
            self.assertEqual(len(items.filtered("is_late")), 2)
            action = items.action_approve()
            dialog = self.env[action["res_model"]].browse(action["res_id"])
            dialog = dialog.with_user(self.ann)
            self.assertEqual((dialog.step_count, dialog.late_count), (3, 2))
            dialog.delay_reason_id = self.workload
            dialog.action_decide()
        found = {
            request: self._get_row(request, self.ann).delay_reason_id
            for request in (late, more, new)
        }
        none = self.reasons.browse()
        self.assertEqual(found, {late: self.workload, more: self.workload, new: none})
        self.assertEqual({late.approval_level, new.approval_level}, {2})

    def test_the_dialog_shows_the_reason_to_late_ones_only(self):
        request = self._submit()
        for moment, is_late in ((IN_TIME, False), (LATE, True)):
            with self._at(moment):
                action = request.with_user(self.ann)._open_decision_dialog("reject")
                dialogs = self.env[action["res_model"]].with_user(self.ann)
                form = Form(
                    dialogs.with_context(**action["context"]), view=action["view_id"][0]
                )
                for modifier, value in (
                    ("required", is_late),
                    ("invisible", not is_late),
                ):
                    found = form._get_modifier("delay_reason_id", modifier)
                    self.assertEqual(bool(found), value, modifier)

    def test_programs_that_give_none_go_on_working(self):
        """As by RPC of ``action_approve`` of requests and of approvals."""
        by_rpc, by_list = self._submit(), self._submit()
        with self._at(LATE):
            by_rpc.with_user(self.ann).action_approve()
            step = by_list.sudo()._find_steps("asked").with_user(self.ann)
            step.action_approve()
        for request in (by_rpc, by_list):
            self.assertEqual(self._get_row(request, self.ann).decision, "approved")
            (clock,) = self._get_rows(request)
            self.assertEqual(clock.delay_reason, "Not given")

    def test_what_is_no_reason_is_refused(self):
        archived = self.workload.copy({"name": "Old", "active": False})
        request = self._submit()
        with self._at(LATE):
            for given in (
                {"reason_id": archived.id},
                {"reason_id": 2**40},
                {"reason_id": "1"},
                {"reason_id": True},
                {"reason_id": [1]},
                {"other": 1},
                ["reason"],
                {"note": 7},
                {"note": "x" * 2001},
            ):
                own = request.with_user(self.ann).with_context(approval_delay=given)
                with (
                    self.subTest(str(given)[:40]),
                    self.assertRaises(ValidationError),
                    self.cr.savepoint(),
                ):
                    own.action_approve()
        self.assertEqual(self._get_row(request, self.ann).decision, "asked")

    def test_reasons_in_use_are_archived_not_deleted(self):
        request = self._submit()
        with self._at(LATE):
            own = request.with_user(self.ann)
            self.workload._explain_delay(own).action_approve()
        officer = self.olga
        officer.group_ids = self.env.ref("kpi_base.kpi_base_group_officer")
        own = self.workload.with_user(officer)
        with self.assertRaisesRegex(UserError, "Archive it instead"):
            own.unlink()
        own.active = False
        self.assertEqual(self._get_rows(request).delay_reason, "Workload")
        with self.assertRaises(AccessError):
            self.workload.with_user(self.ann).name = "Mine"

    def test_the_report_speaks_the_readers_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.workload.with_context(lang="de_DE").name = "Auslastung"
        request = self._submit()
        with self._at(LATE):
            own = request.with_user(self.ann)
            self.workload._explain_delay(own).action_approve()
        rows = self._get_rows(request).with_context(lang="de_DE")
        groups = rows._read_group(
            [("request_id", "=", request.id)],
            ["delay_reason"],
            ["__count", "hours_late:median"],
        )
        self.assertIn(("Auslastung", 1, 1.0), groups)
        self.env.cr.execute(
            "SELECT delay_reason FROM vw_tat_compliance WHERE id = %s", [rows.id]
        )
        self.assertEqual(self.env.cr.fetchone(), ("Workload",))
