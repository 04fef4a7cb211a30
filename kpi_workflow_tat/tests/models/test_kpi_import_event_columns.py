from odoo.tests import freeze_time, tagged

from ...engine.event_log import is_step_title
from .event_log_case import EventLogCase, write_log

TITLES = ("Ticket ID", "Subject", "Opened", "Assigned", "First Response At", "Closed")
MARCH_23 = "2026-03-23 09:00"
TICKETS = (
    ("T1", "Printer", MARCH_23, "2026-03-23 09:30", "", "2026-03-24 09:00"),
    ("T2", "Mail", "2026-03-27 16:00", "", "", ""),
    ("T3", "Login", *["2026-03-28 08:00"] * 4),
)


@tagged("post_install", "-at_install")
@freeze_time("2026-06-01 12:00:00")
class TestKpiImportEventColumns(EventLogCase):
    """Tickets with the time of each activity in a column."""

    def _tickets(self, rows=TICKETS, titles=TITLES, **values):
        job = self._import(write_log(rows, titles), name="tickets.csv", **values)
        self.assertFalse(job.question)
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        return job

    def test_each_time_is_an_event(self):
        job = self._tickets(approving="closed")
        self.assertCounts(job, added=3)
        first, second, third = self._get_requests()
        self.assertEqual((first.number, first.subject), ("T1", "Printer"))
        self.assertEqual(
            self._read_events(first),
            [
                ("Opened", "2026-03-23 09:00:00", False),
                ("Assigned", "2026-03-23 09:30:00", False),
                ("Closed", "2026-03-24 09:00:00", False),
            ],
        )
        self.assertEqual(first.cycle_hours, 24)
        self.assertEqual(second.event_ids.mapped("activity"), ["Opened"])
        self.assertEqual(second.status, "pending")
        # at one moment: in the order of the columns
        self.assertEqual(third.event_ids.mapped("activity"), list(TITLES[2:]))
        again = self._tickets(approving="closed")
        self.assertCounts(again, equal=3)

    def test_a_time_before_an_earlier_column_is_refused_by_row(self):
        late = ("T4", "", "2026-03-23 09:00", "", "2026-03-22 09:00", "")
        job = self._tickets([*TICKETS, late])
        self.assertEqual(self._get_requests().mapped("number"), ["T1", "T2", "T3"])
        self.assertEqual(
            self._reasons(job),
            {
                5: "“First Response At” (2026-03-22 09:00) is before “Opened” "
                "(2026-03-23 09:00)."
            },
        )
        self.assertEqual(job.check_page["refused"][0]["wrong"], [4])

    def test_a_time_that_cannot_be_read_refuses_the_ticket(self):
        wrong = ("T4", "", "2026-03-23 09:00", "soon", "", "")
        job = self._tickets([*TICKETS, wrong])
        self.assertEqual(self._reasons(job).keys(), {5})
        self.assertEqual(job.check_page["refused"][0]["wrong"], [3])
        self.assertEqual(len(self._get_requests()), 3)

    def test_other_titles_are_chosen(self):
        rows = [("T1", MARCH_23, "2026-03-24 09:00")]
        job = self._import(write_log(rows, ("case", "A", "B")))
        self.assertIn("“Time”", job.question)
        for title in "AB":
            self._column(job, title).key = "timestamp"
        self.assertFalse(job.question)
        job.action_import()
        self.assertEqual(self._get_requests().event_ids.mapped("activity"), ["A", "B"])

    def test_one_column_of_times_needs_an_activity(self):
        job = self._import(write_log([("T1", "2026-03-23 09:00")], ("case", "Opened")))
        self._column(job, "Opened").key = "timestamp"
        self.assertIn("“Activity”", job.question)

    def test_a_log_of_events_stays_one(self):
        job = self._import(write_log())
        self.assertEqual(self._column(job, "timestamp").key, "timestamp")
        self.assertFalse(job._named_columns())

    def test_titles_of_usual_steps(self):
        for title in ("Opened", "created_at", "First Response At", "Closed Date"):
            self.assertTrue(is_step_title(title), title)
        for title in ("Due Date", "Subject", "Close Reason", "Assignee"):
            self.assertFalse(is_step_title(title), title)
