from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged
from odoo.tools import SQL

from ...models import kpi_tat_level_sweep
from .tat_case import TatCase, utc

BREACHED = "2026-03-24 10:00:01"


@tagged("post_install", "-at_install")
class TestKpiTatSweep(TatCase):
    """Batches of reminders: many at once, and clocks of servers that are wrong."""

    def _submit_many(self, count, **values):
        requests = self.env["kpi.tat.request"].with_user(self.ina)
        requests = requests.create(
            [{"subject": "x", "template_id": self.template.id, **values}] * count
        )
        requests.action_submit()
        return requests

    def _get_alerts(self, requests):
        return requests.sudo().alert_ids.mapped("threshold_percentage")

    def _count_statements(self, count):
        requests = self._submit_many(count)
        requests[0].with_user(self.ann).action_hold("Offer")
        requests[0].with_user(self.ann).action_resume()
        with self._at(BREACHED):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._sweep()
            counted = self.cr.sql_log_count - before
        self.assertEqual(self._get_alerts(requests), [100] * count)
        return counted

    def test_statements_do_not_grow_with_what_is_due(self):
        self._count_statements(1)  # what is looked up once a process
        few, many = self._count_statements(2), self._count_statements(20)
        self.assertEqual(few, many)
        self.assertLess(many, 40)

    def test_the_sweep_goes_by_the_index_of_what_is_due(self):
        """However many clocks have stopped, or wait, only those that run are read."""
        row = self._get_row(self._submit(), self.ann)
        self.env.flush_all()
        names = [
            name
            for name, field in row._fields.items()
            if field.store and field.column_type and name not in ("id", "level_number")
        ]
        columns = SQL(", ").join(map(SQL.identifier, names))
        for clock, first, last in (("stopped", 100, 6000), ("running", 6001, 6400)):
            row.clock = clock
            row.flush_recordset()
            self.env.cr.execute(
                SQL(
                    "INSERT INTO approval_levels (level_number, %s)"
                    " SELECT number, %s FROM approval_levels,"
                    " generate_series(%s, %s) AS number WHERE id = %s",
                    columns,
                    columns,
                    first,
                    last,
                    row.id,
                )
            )
        self.cr.execute("ANALYZE approval_levels")
        due = row.next_due_at - timedelta(seconds=1)
        plan = self.env.execute_query(SQL("EXPLAIN %s", row._due_sql(due)))
        text = "\n".join(line for (line,) in plan)
        self.assertIn("approval_levels_next_due_idx", text)
        self.assertNotIn("Seq Scan", text)

    def test_more_than_a_batch_is_announced_batch_by_batch(self):
        requests = self._submit_many(5)
        with (
            patch.object(kpi_tat_level_sweep, "BATCH", 2),
            self._at("2026-03-23 16:00:00"),
        ):
            now = fields.Datetime.now()
            self.assertEqual([self._sweep(), self._sweep()], [now, now])
            self.assertEqual(len(self._get_alerts(requests)), 4)
            self.assertEqual(self._sweep(), utc("2026-03-24 08:30"))
        self.assertEqual(self._get_alerts(requests), [50] * 5)

    def test_each_of_a_batch_shows_its_own_clock(self):
        """Of another priority, taken over and held for an hour: each by its hours."""
        express = self._submit(priority="express")
        with self._at("2026-03-23 14:00:00"):
            standard = self._submit()
            held = self._submit()
            held.with_user(self.ann).action_hold("Offer")
            with self._at("2026-03-23 15:00:00"):
                held.with_user(self.ann).action_resume()
        moment = "2026-03-24 16:30:00"  # the next day, after work
        with self._at(moment):
            self._sweep()
        for request, hours in ((express, 27.5), (standard, 10), (held, 9)):
            alert = request.sudo().alert_ids
            self.assertEqual(alert.tat_hours_elapsed, hours)
            self.assertEqual(
                alert.tat_hours_remaining, alert.tat_hours_allocated - hours
            )
            self.assertEqual(alert.approver_id, self.ann)
            self.assertEqual(alert.alert_sent_at, utc(moment))
            self.assertEqual(alert.level_start_time, alert.level_id.level_start_time)
            delivery = alert.delivery_id
            self.assertEqual(delivery.key, f"tat:{alert.id}")
            self.assertEqual(delivery.company_id, request.company_id)
            self.assertEqual(delivery.line_ids.data, {"alert": alert.id})

    def test_all_parallel_levels_of_a_batch_act_on_their_timeout(self):
        skipping = self._make_template([(self.ann,), (self.cy,)], timeout_action="skip")
        escalating = self._make_template(
            [(self.ann, self.bo)], rule="all", timeout_action="escalate"
        )
        skipped = self._submit_many(2, template_id=skipping.id)
        escalated = self._submit_many(2, template_id=escalating.id)
        with self._at(BREACHED):
            self._sweep()
        for request in skipped:
            self.assertEqual(request.sudo()._find_steps("asked").user_id, self.cy)
        for request in escalated:
            asked = request.sudo()._find_steps("asked").user_id
            self.assertEqual(asked, self.ann | self.bo | self.cy)

    def test_a_server_clock_set_back_an_hour_announces_nothing_twice(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 16:00:00"):
            self._sweep()
        for moment in ("2026-03-23 15:00:00", "2026-03-23 16:00:00"):
            with self._at(moment):
                self.assertEqual(self._sweep(), utc("2026-03-24 08:30"))
        self.assertEqual(self._get_alerts(request), [50])
        self.assertTrue(row.tat50_alert_sent)

    def test_a_clock_that_has_an_alert_already_holds_up_no_other(self):
        request, other = self._submit_many(2)
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 16:00:00"):
            row._remind(fields.Datetime.now())
            row.write({"reminded_percent": 0, "next_due_at": row.tat50_due_at})
            self._sweep()
        self.assertEqual(self._get_alerts(request | other), [50, 50])
        self.assertEqual(row.next_due_at, row.tat75_due_at)

    def test_who_decides_before_the_clock_began_took_no_time(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 12:00:00"):
            self._sweep()
            request.with_user(self.ann).action_approve()
        self.assertEqual((row.elapsed_seconds, row.wall_seconds), (0, 0))
        self.assertFalse(row.tat_breached)
        self.assertEqual(request.sudo().alert_ids, self.env["kpi.tat.alert"])
        self.assertEqual(self._get_row(request, self.cy).clock, "running")

    def test_a_follower_sees_the_note_of_each(self):
        requests = self._submit_many(3)
        requests.sudo().message_subscribe(self.zoe.partner_id.ids)
        self.zoe.group_ids = [Command.link(self.env.ref("base.group_user").id)]
        with self._at(BREACHED):
            self._sweep()
        for request in requests.with_user(self.zoe):
            note = request.message_ids[0]
            self.assertIn("TAT breached", note.body)
            self.assertIn("Outside working hours", note.body)
            self.assertEqual(note.author_id, self.env.user.partner_id)
            self.assertEqual(note.subtype_id, self.env.ref("mail.mt_note"))
            self.assertEqual(note.date, utc(BREACHED))

    def test_what_is_committed_meanwhile_undoes_no_batch(self):
        """Sweeps are READ COMMITTED; the connection is as before for who is next."""
        found = []

        def note(sweeping):
            sweeping.env.cr.execute("SHOW transaction_isolation")
            found.append(sweeping.env.cr.fetchone()[0])

        with self.env.registry.cursor() as cr:
            timer = self.env(cr=cr)["kpi.timer"]
            for model in ("kpi.tat.level", "kpi.tat.hold", "kpi.delivery"):
                with patch.object(self.env.registry[model], "_sweep_due", note):
                    timer._run_sweep(model, "_sweep_due", [])
        self.assertEqual(found, ["read committed"] * 2 + ["repeatable read"])
