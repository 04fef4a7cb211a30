from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .tat_case import TatCase


@tagged("post_install", "-at_install")
class TestKpiTatRequest(TatCase):
    """The life of a request."""

    def test_a_request_gets_a_number_and_the_department_of_who_makes_it(self):
        department = self.env["hr.department"].create({"name": "Sales"})
        self.employees[self.ina].department_id = department
        first, second = self._make_request(), self._make_request()
        self.assertRegex(first.number, r"^REQ/\d{4}/\d{5}$")
        self.assertNotEqual(first.number, second.number)
        self.assertEqual(first.department_id, department)
        self.assertEqual(first.status, "draft")

    def test_the_form_makes_a_request_and_submits_it(self):
        form = Form(self.env["kpi.tat.request"].with_user(self.ina))
        form.subject = "Laptops"
        form.template_id = self.template
        request = form.save()
        request.action_submit()
        self.assertEqual(request.status, "pending")

    def test_who_will_approve_and_in_which_time_is_said_before(self):
        request = self._make_request()
        level = self.template.level_ids.sorted()[:1]
        level.write({"tat_hours_standard": 6.0, "tat_hours_express": 2.5})
        for priority, text in (
            ("standard", "6 working hours"),
            ("express", "2.5 calendar hours"),
        ):
            shown = request.preview_approvers({"priority": priority})["levels"]
            self.assertEqual(shown[0]["within"], text)
            self.assertEqual(shown[0]["people"][0]["name"], self.ann.name)
        level.tat_hours_standard = 1.0
        shown = request.preview_approvers({"priority": "standard"})["levels"]
        self.assertEqual(shown[0]["within"], "1 working hour")

    def test_levels_decide_one_after_the_other(self):
        request = self._submit()
        self.assertEqual(request.waiting_for, self.ann.name)
        self.assertEqual(request.status, "pending")
        self.assertTrue(request.with_user(self.ann).can_decide)
        self.assertFalse(request.with_user(self.cy).can_decide)
        request.with_user(self.ann).action_approve()
        self.assertEqual(request.status, "pending")
        self.assertEqual(request.waiting_for, self.cy.name)
        request.with_user(self.cy).action_approve()
        self.assertEqual(request.status, "approved")
        self.assertFalse(request.waiting_for)
        self.assertTrue(request.decided_at)
        request.action_close()
        self.assertEqual(request.status, "closed")

    def test_a_decided_request_is_read_only_on_the_screen(self):
        request = self._submit()
        for person in (self.ann, self.cy):
            request.with_user(person).action_approve()
        values = {"subject": "Another", "amount": 7.0, "priority": "express"}
        for status in ("approved", "closed"):
            self.assertEqual(request.status, status)
            form = Form(request, "kpi_workflow_tat.kpi_tat_request_view_form")
            for name, value in values.items():
                with self.subTest(name), self.assertRaises(AssertionError):
                    setattr(form, name, value)
            if status == "approved":
                request.action_close()

    def test_a_decision_costs_few_statements(self):
        self.template = self._make_template([(self.ann,), (self.bo,), (self.cy,)])
        for _turn in range(3):  # what is looked up once is known in the second
            request, counts = self._make_request(), []
            for person in (self.ina, self.ann, self.bo, self.cy):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                own = request.with_user(person)
                own.action_submit() if person == self.ina else own.action_approve()
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts, [34, 32, 32, 13])
        self.assertEqual(request.status, "approved")

    def test_a_rejection_ends_it_with_a_reason(self):
        request = self._submit()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            request.with_user(self.ann).action_reject("")
        request.with_user(self.ann).action_reject("Too expensive")
        self.assertEqual(request.status, "rejected")
        with self.assertRaises(UserError), self.cr.savepoint():
            request.action_submit()

    def test_who_is_asked_reads_what_decides(self):
        self.ann.tz = "Europe/Brussels"
        request = self._submit(
            amount=4200.0, description="<p>Three <b>laptops</b><br/>for Sales</p>"
        )
        step = request.sudo()._find_steps("asked").with_user(self.ann)
        facts = dict(step._prepare_line().facts)
        self.assertEqual(facts["If approved"], f"Next approver: {self.cy.name}.")
        self.assertRegex(facts["Amount"], r"^\D*4,200\D*$")
        self.assertIn("for Sales", facts["Description"])
        # 6 h from Monday 14:00, in the zone of who reads it
        self.assertRegex(facts["Due"], r"11:00\sAM$")
        self.ann.tz = False
        facts = dict(request.with_user(self.ann)._get_approval_facts())
        self.assertRegex(facts["Due"], r"10:00.*\(UTC\)$")
        self.ann.tz = "Europe/Brussels"
        row = self._get_row(request, self.ann)
        self.assertTrue(row.due_at)
        self.assertEqual((step.decide_by, step.due_at), (row.due_at, False))
        self.assertIn("4,200", step.amount_text)
        self.assertRegex(step.facts, "^Description: Three .*for Sales · ")
        self.assertNotIn("Due: ", step.facts)  # the list has a column for it
        row = self._get_row(request, self.ann).with_user(self.ann)
        self.assertEqual(row.facts, step.facts)
        self.assertEqual(row.amount, 4200.0)
        self.assertFalse(step.with_user(self.zoe).facts)

    def test_dialogs_name_the_request_its_amount_and_its_submitter(self):
        request = self._submit(subject="Laptops", amount=4200.0)
        row = self._get_row(request, self.ann).with_user(self.ann)
        for action in (row.action_reject(), row.action_return(), row.action_reassign()):
            dialogs = self.env[action["res_model"]].with_user(self.ann)
            form = Form(dialogs.with_context(**action["context"]))
            pattern = rf"^Laptops · .*4,200.* · {self.ina.name}$"
            self.assertRegex(form.subjects, pattern)

    def test_a_file_added_while_it_waits_is_asked_about_anew(self):
        request = self._submit()
        shown = request.approval_version
        values = {"name": "offer.txt", "raw": b"1", "res_model": request._name}
        self.env["ir.attachment"].create({**values, "res_id": request.id})
        told = request.with_user(self.ann).action_approve()
        self.assertIn("newer version has been submitted", told["params"]["message"])
        self.assertNotEqual(request.approval_version, shown)
        request.with_user(self.ann).message_post(
            body="Like this?", attachments=[("note.txt", b"2")]
        )
        self.assertIsNone(request.with_user(self.ann).action_approve())

    def test_what_is_sent_back_begins_a_new_attempt(self):
        request = self._submit()
        request.with_user(self.ann).action_return("Which model?")
        self.assertEqual(request.status, "returned")
        request.subject = "Ten laptops"
        request.action_submit()
        self.assertEqual(request.status, "pending")
        rows = request.sudo().level_ids.filtered(lambda row: row.clock == "running")
        self.assertEqual(rows.attempt, 2)
        self.assertEqual(rows.elapsed_before, 0)

    def test_what_waits_stays_as_it_is(self):
        request = self._submit()
        with self.assertRaises(UserError), self.cr.savepoint():
            request.subject = "Something else"
        with self.assertRaises(UserError), self.cr.savepoint():
            request.unlink()

    def test_who_makes_a_request_withdraws_it(self):
        request = self._submit()
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.with_user(self.ann).action_withdraw()
        request.action_withdraw()
        self.assertEqual(request.status, "withdrawn")
        self.assertEqual(self._get_row(request, self.ann).clock, "stopped")
        request.action_submit()
        self.assertEqual(request.status, "pending")

    def test_the_status_is_set_by_methods_only_and_in_order(self):
        request = self._make_request()
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.status = "approved"
        with self.assertRaises(UserError), self.cr.savepoint():
            request.sudo().status = "closed"
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.copy({"status": "approved"})
        self.assertEqual(request.copy().status, "draft")

    def test_what_was_approved_stays_as_it_is(self):
        request = self._submit()
        request.with_user(self.ann).action_approve()
        request.with_user(self.cy).action_approve()
        for values in ({"amount": 9.0}, {"subject": "X"}, {"priority": "express"}):
            with self.assertRaises(UserError), self.cr.savepoint():
                request.write(values)
        with self.assertRaisesRegex(UserError, "instead of deleting"):
            request.unlink()
        request.action_close()
        with self.assertRaises(UserError), self.cr.savepoint():
            request.sudo().subject = "X"
        self.assertEqual(request.copy().status, "draft")

    def test_a_request_goes_to_no_company_of_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.template.company_id = False
        draft = self._make_request()
        with self.assertRaises(AccessError), self.cr.savepoint():
            draft.company_id = other
        sent_back, rejected = self._submit(), self._submit()
        sent_back.with_user(self.ann).action_return("Which model?")
        rejected.with_user(self.ann).action_reject("Too expensive")
        self.ina.company_ids |= other
        both = {"allowed_company_ids": self.ina.company_ids.ids}
        for request in (sent_back, rejected):
            own = request.with_context(**both)
            with (
                self.assertRaisesRegex(UserError, "its company cannot change"),
                self.cr.savepoint(),
            ):
                own.company_id = other
            own.company_id = own.company_id  # as forms do
        draft.with_context(**both).company_id = other
        self.assertEqual(draft.sudo().company_id, other)

    def test_a_template_that_does_not_apply_approves_nothing(self):
        request = self._make_request()
        self.template.domain = "[('amount', '>', 100)]"
        with self.assertRaisesRegex(UserError, "cannot be used"), self.cr.savepoint():
            request.action_submit()
        self.assertEqual(request.status, "draft")
        request.amount = 200.0
        request.action_submit()
        self.assertEqual(request.status, "pending")

    def test_nobody_decides_on_their_own_request(self):
        template = self._make_template([(self.ina, self.ann)])
        request = self._submit(template_id=template.id)
        self.assertFalse(request.can_decide)
        self.assertEqual(request.sudo()._find_steps("asked").user_id, self.ann)

    def test_colleagues_see_it_only_when_they_have_a_part_in_it(self):
        request = self._submit()
        for user, is_seen in [
            (self.ann, True),  # is asked
            (self.cy, True),  # is asked later
            (self.bo, False),
            (self.zoe, False),
        ]:
            found = request.with_user(user).search([("id", "=", request.id)])
            self.assertEqual(bool(found), is_seen, user.name)
        request.message_subscribe(self.zoe.partner_id.ids)
        self.assertTrue(
            request.with_user(self.zoe).search_count([("id", "=", request.id)])
        )
        self.assertFalse(request.with_user(self.zoe).has_access("write"))
        request.with_user(self.zoe).message_post(body="A note")

    def test_rows_are_seen_by_who_sees_the_request(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        for user, is_seen in [(self.ina, True), (self.cy, True), (self.bo, False)]:
            rows = self.env["kpi.tat.level"].with_user(user)
            self.assertEqual(bool(rows.search([("id", "=", row.id)])), is_seen)

    def test_a_last_level_that_is_skipped_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "last level"), self.cr.savepoint():
            self._make_template([(self.ann,)], timeout_action="skip")

    def test_time_that_nobody_can_be_given_is_refused(self):
        for hours in (0, -1, 87600):
            with (
                self.subTest(hours),
                self.assertRaisesRegex(ValidationError, "8,760"),
                self.cr.savepoint(),
            ):
                self.template.level_ids[0].tat_hours_standard = hours

    def test_only_requests_name_a_template(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            kinds = self.template._fields["model"].get_values(self.env)
            self.template.model = kinds[0]
            if self.template.model == "kpi.tat.request":
                raise ValidationError("no other kind of documents")

    def test_the_dialog_asks_for_a_reason(self):
        request = self._submit()
        row = self._get_row(request, self.ann).with_user(self.ann)
        self.assertTrue(row.can_decide)
        action = row.action_reassign()
        dialog = (
            self.env["kpi.tat.decision"]
            .with_user(self.ann)
            .with_context(**action["context"])
            .create({"comment": "On leave", "user_id": self.bo.id})
        )
        dialog.action_confirm()
        self.assertEqual(request.sudo()._find_steps("asked").user_id, self.bo)

    def test_columns_that_queries_know(self):
        request = self._submit()
        self.env.flush_all()
        self.cr.execute(
            "SELECT request_id = id, created_at = create_date"
            " FROM workflow_requests WHERE id = %s",
            (request.id,),
        )
        self.assertEqual(self.cr.fetchone(), (True, True))
        row = self._get_row(request, self.ann)
        self.cr.execute(
            "SELECT level_id, request_id FROM approval_levels WHERE id = %s", (row.id,)
        )
        self.assertEqual(self.cr.fetchone(), (row.id, request.id))
        self.assertEqual((row.level_id, request.request_id), (row.id, request.id))
