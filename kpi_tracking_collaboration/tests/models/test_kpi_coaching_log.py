import hashlib
import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .coaching_case import SECRET, CoachingCase

TEXTS = {"development_goals", "employee_response", "manager_feedback"}


@tagged("post_install", "-at_install")
class TestKpiCoachingLog(CoachingCase):
    """The audit log proves what was signed, and tells nobody what it was."""

    def _entries(self, coaching):
        return self.env["kpi.audit.log"].search(
            [("model", "=", coaching._name), ("res_id", "=", coaching.id)], order="seq"
        )

    def _faults(self, coaching):
        self.env.flush_all()
        log = self.env["kpi.audit.log"]
        return log._row_faults(coaching._name, coaching.ids)

    def _values(self, entry):
        return json.loads(entry.text)["values"]

    def test_each_step_is_logged(self):
        draft = self._coach()
        self.assertFalse(self._entries(draft))
        coaching = self._sign()
        self.assertEqual(
            self._entries(coaching).mapped("event_type"),
            [
                "coaching_shared",
                "coaching_changed",
                "coaching_signed",
                "coaching_signed",
            ],
        )
        self.assertFalse(self._faults(coaching))

    def test_a_text_is_proven_by_its_salt(self):
        coaching = self._sign()
        salts = coaching.sudo().salts
        values = self._values(self._entries(coaching)[-1])
        for name in TEXTS:
            salted = bytes.fromhex(salts[name]) + coaching[name].encode()
            self.assertEqual(values[name], hashlib.sha256(salted).hexdigest())
        with self.assertRaises(AccessError):
            self._own(self.admin, coaching).salts  # noqa: B018 - reading refuses
        with self.assertRaises(AccessError):
            coaching.read(["salts"])

    def test_entries_name_neither_people_nor_texts(self):
        coaching = self._sign()
        people = {self.coach.id, self.trainee.id}
        for entry in self._entries(coaching):
            self.assertNotIn(SECRET, entry.text)
            self.assertNotIn(entry.user_id.id, people)
            members = json.loads(entry.text)
            self.assertNotIn(members["user_id"], people)
            self.assertFalse(people & set(self._values(entry).values()))
            self.assertFalse(members["withheld"])
        personal = self.env["kpi.audit.personal"].search([])
        self.assertNotIn(SECRET, str(personal.mapped("text")))

    def test_what_is_changed_past_odoo_is_found(self):
        coaching = self._sign()
        changes = (
            ("manager_feedback", "'Forged'"),
            ("employee_response", "NULL"),
            ("employee_id", str(self.head.id)),
            ("next_review_date", "'2027-01-01'"),
            ("coach_signed_at", "'2020-01-01 00:00:00'"),
            ("state", "'shared'"),
        )
        for name, value in changes:
            with self.subTest(name), self.cr.savepoint() as savepoint:
                self.env.flush_all()
                self.cr.execute(
                    f"UPDATE kpi_performance_coaching SET {name} = {value}"
                    " WHERE id = %s",
                    (coaching.id,),
                )
                self.assertTrue(self._faults(coaching))
                savepoint.rollback()
                self.env.invalidate_all()
        self.cr.execute("UPDATE kpi_performance_coaching_action SET description = 'X'")
        self.assertTrue(self._faults(coaching))

    def test_progress_of_actions_is_no_fault(self):
        coaching = self._sign()
        coaching.action_ids.status = "completed"
        self.assertFalse(self._faults(coaching))

    def test_erased_the_texts_are_gone_and_the_log_holds(self):
        coaching = self._sign()
        before = [self._values(entry) for entry in self._entries(coaching)]
        own = self._own(self.hr, coaching)
        own.action_erase()
        self.env.flush_all()
        self.assertFalse(any(coaching[name] for name in TEXTS))
        self.assertFalse(coaching.action_ids)
        self.assertEqual(coaching.state, "signed")
        self.assertEqual(coaching.erased_by_id, self.hr)
        self.assertEqual(list(coaching.sudo().salts), ["terms"])
        self.cr.execute("SELECT x::text FROM kpi_performance_coaching AS x")
        self.assertNotIn(SECRET, str(self.cr.fetchall()))
        *entries, last = self._entries(coaching)
        self.assertEqual([self._values(entry) for entry in entries], before)
        self.assertEqual(last.event_type, "coaching_erased")
        self.assertEqual(last.user_id, self.hr)
        self.assertFalse(self._faults(coaching))
        self.assertFalse(self.env["kpi.audit.log"]._verify(coaching))

    def test_only_hr_managers_erase_and_once(self):
        coaching = self._sign()
        for user in (self.coach, self.trainee, self.admin, self.head):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._own(user, coaching).action_erase()
        draft = self._coach()
        with self.assertRaises(AccessError):
            self._own(self.hr, draft).action_erase()
        own = self._own(self.hr, coaching)
        own.action_erase()
        with self.assertRaises(UserError):
            own.action_erase()

    def test_after_erasing_nothing_is_written_again(self):
        coaching = self._share()
        self._own(self.hr, coaching).action_erase()
        own = self._own(self.trainee, coaching)
        for change in (
            lambda: coaching.write({"manager_feedback": "Again"}),
            lambda: own.write({"employee_response": "Again"}),
            own.action_sign,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
