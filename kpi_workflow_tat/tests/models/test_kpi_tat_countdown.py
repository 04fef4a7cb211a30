from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.kpi_base.engine.worktime import to_instants

from .tat_case import TatCase, utc


def instant(text):
    return int(to_instants([utc(text)])[0])


@tagged("post_install", "-at_install")
class TestKpiTatCountdown(TatCase):
    """Clocks as forms show them, and as they would be by other rules."""

    def test_a_screen_is_told_what_counts_from_now_on(self):
        request = self._submit()
        with self._at("2026-03-23 15:00:00"):
            told = request.get_clocks()
        self.assertEqual(told["now"], instant("2026-03-23 15:00"))
        first, second = told["clocks"]
        self.assertEqual((first["person"], first["clock"]), ("Ann", "running"))
        self.assertEqual((first["elapsed"], first["allowed"]), (2 * 3600, 6 * 3600))
        # of at least a day
        expected = [("23 15:00", "23 16:00"), ("24 07:00", "24 11:00")]
        expected.append(("24 12:00", "24 15:00"))
        self.assertEqual(
            first["intervals"],
            [tuple(instant(f"2026-03-{one}") for one in pair) for pair in expected],
        )
        self.assertEqual(first["due_at"], instant("2026-03-24 10:00"))
        self.assertEqual((second["clock"], second["allowed"]), ("waiting", 6 * 3600))
        self.assertEqual(second["intervals"], [])

    def test_a_held_clock_tells_nothing_to_come(self):
        request = self._submit()
        request.with_user(self.ann).action_hold("Quote")
        (first, _second) = request.get_clocks()["clocks"]
        self.assertEqual((first["clock"], first["intervals"]), ("held", []))

    def test_strangers_are_told_nothing(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        for record in (request, row):
            with self.assertRaises(AccessError), self.cr.savepoint():
                record.with_user(self.zoe).get_clocks()

    def test_only_the_present_attempt_is_shown(self):
        request = self._submit()
        request.with_user(self.ann).action_return("Which model?")
        request.action_submit()
        ids = {clock["id"] for clock in request.get_clocks()["clocks"]}
        anew = request.level_ids.filtered(lambda row: row.attempt == 2)
        self.assertEqual(ids, set(anew.ids))
        self.assertEqual(len(ids), 2)

    def test_a_line_says_what_counted(self):
        self.ina.tz = "Europe/Brussels"
        request = self._submit()
        row = self._get_row(request, self.ann).with_user(self.ina)
        with self._at("2026-03-24 08:00:00"):
            text = row.explanation.replace("\u202f", " ")
            self.assertEqual(text, "4 h = Mon 14–17 + Tue 8–9")
            request.with_user(self.ann).action_forward(self.bo.id, "On leave")
        taken = self._get_row(request, self.bo).with_user(self.ina)
        with self._at("2026-03-24 09:00:00"):
            text = taken.explanation.replace("\u202f", " ")
            self.assertEqual(text, "5 h = 4 h counted earlier + Tue 9–10")
        self.assertFalse(self._get_row(request, self.cy).explanation)

    def test_a_breach_stands_in_the_chatter_with_its_statement(self):
        request = self._submit()
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
        body = request.sudo().message_ids.sorted("id")[-1].body
        self.assertIn("Total counted", body)
        self.assertIn("6:00:01", body)

    def _open_what_if(self, user, **values):
        row = self._get_row(self.request, self.ann).with_user(user)
        action = row.action_what_if()
        dialog = Form(
            self.env["kpi.tat.what.if"]
            .with_user(user)
            .with_context(**action["context"], tz="UTC")
        )
        for name, value in values.items():
            setattr(dialog, name, value)
        return dialog

    def test_what_if_answers_and_changes_nothing(self):
        self.request = self._submit()
        row = self._get_row(self.request, self.ann)
        always = self.calendar.copy({"name": "Early", "attendance_ids": []})
        always.attendance_ids = [
            (0, 0, {"name": "Early", "dayofweek": str(day), "hour_from": 6,
                    "hour_to": 18, "day_period": "morning"})
            for day in range(5)
        ]  # fmt: skip
        self.env.flush_all()
        columns = row._read_format(["write_date", "due_at", "calendar_id"])
        with self._at("2026-03-24 08:00:00"):
            dialog = self._open_what_if(self.ina)
            self.assertEqual(dialog.elapsed_now, dialog.elapsed_then)
            self.assertEqual(dialog.due_then, utc("2026-03-24 10:00"))
            dialog.calendar_id = always  # Monday 14–18, Tuesday 6–9: 7 h
            self.assertEqual(dialog.elapsed_then.replace("\u202f", " "), "7 h")
            self.assertEqual(dialog.elapsed_now.replace("\u202f", " "), "4 h")
            self.assertTrue(dialog.is_overdue_then)
            self.assertEqual(dialog.due_then, utc("2026-03-24 07:00"))
            dialog.calendar_id = self.calendar.browse()
            dialog.pause_from = utc("2026-03-23 15:00")
            dialog.pause_to = utc("2026-03-24 07:30")  # an hour, and half of one
            self.assertEqual(dialog.elapsed_then.replace("\u202f", " "), "2 h 30 min")
            self.assertIn("2:30", dialog.statement)
            self.assertEqual(dialog.due_then, utc("2026-03-24 12:30"))
            self.assertFalse(dialog.save().is_overdue_now)
        row.invalidate_recordset()
        self.assertEqual(
            row._read_format(["write_date", "due_at", "calendar_id"]), columns
        )
        self.assertFalse(self.request.sudo().hold_ids)

    def test_what_if_refuses_what_has_no_answer_in_a_sentence(self):
        self.request = self._submit()
        empty = self.calendar.copy({"name": "Never", "attendance_ids": []})
        for values, sentence in [
            ({"calendar_id": empty}, "no working hours"),
            (
                {
                    "pause_from": utc("2026-03-23 15:00"),
                    "pause_to": utc("2026-03-23 14:00"),
                },
                "ends before it begins",
            ),
        ]:
            with self._at("2026-03-24 08:00:00"):
                dialog = self._open_what_if(self.ann, **values)
            self.assertIn(sentence, dialog.message)
        row = self._get_row(self.request, self.cy)
        dialog = self.env["kpi.tat.what.if"].new({"level_id": row.id})
        self.assertEqual(dialog.message, "This clock has not started.")

    def test_what_if_shows_strangers_nothing(self):
        row = self._get_row(self._submit(), self.ann)
        dialogs = self.env["kpi.tat.what.if"].with_user(self.zoe)
        with self.assertRaises(AccessError), self.cr.savepoint():
            dialogs.create({"level_id": row.id}).read(["elapsed_now"])
        with self.assertRaises(AccessError), self.cr.savepoint():
            dialogs.onchange({"level_id": row.id}, ["level_id"], {"elapsed_now": {}})

    def test_departments_give_hours_to_those_without_others(self):
        nights = self.calendar.copy({"name": "Afternoons", "attendance_ids": []})
        nights.attendance_ids = [
            (0, 0, {"name": "Late", "dayofweek": str(day), "hour_from": 14,
                    "hour_to": 20, "day_period": "afternoon"})
            for day in range(5)
        ]  # fmt: skip
        above, below = self.env["hr.department"].create(
            [{"name": "Works"}, {"name": "Hall 2"}]
        )
        below.parent_id = above
        above.request_calendar_id = nights
        employee = self.employees[self.ann]
        employee.department_id = below
        own = self._get_row(self._submit(), self.ann)
        self.assertEqual(own.due_at, utc("2026-03-24 10:00"))  # hours of their own
        employee.resource_calendar_id = employee.company_id.resource_calendar_id
        of_department = self._get_row(self._submit(), self.ann)
        self.assertEqual(of_department.due_at, utc("2026-03-23 19:00"))
        self.assertEqual(of_department.sudo().calendar_id.name, nights.name)

    def test_hours_of_a_department_are_of_its_company(self):
        far = self.env["res.company"].create({"name": "Far"})
        nights = self.calendar.copy({"name": "Nights"})
        department = self.env["hr.department"].create(
            {"name": "Works", "request_calendar_id": nights.id}
        )
        for record in (nights, department):
            with self.assertRaisesRegex(ValidationError, "belong to the same company"):
                with self.cr.savepoint():
                    record.company_id = far
        nights.company_id = False
        department.company_id = far
        self.assertEqual(department.request_calendar_id, nights, "of all companies")
