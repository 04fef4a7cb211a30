from odoo.tests import tagged

from .event_log_case import EventLogCase
from .tat_case import TatCase


@tagged("post_install", "-at_install")
class TestKpiTatLifecycle(TatCase):
    """The steps of a request, by hand: who, from when to when, and how long."""

    def _list_steps(self, request, *names):
        self.env.flush_all()
        self.env.invalidate_all()
        steps = self.env["kpi.tat.lifecycle"].search([("request_id", "=", request.id)])
        return [tuple(step[name] for name in names) for step in steps]

    def _complete(self):
        """Ann holds it overnight and approves; Cy sends it back; Ina submits again.

        In Brussels Ann is asked on Monday 14:00, holds it from 15:00 to Tuesday 9:00
        and decides at 11:00: 21 hours of the clock, 1 + 2 of work. Cy decides at 15:00
        (4, of which the hour of lunch is none). Ina needs until 16:00.
        """
        request = self._submit()
        own = request.with_user(self.ann)
        with self._at("2026-03-23 14:00:00"):
            own.action_hold("Waiting for the quote")
        with self._at("2026-03-24 08:00:00"):
            own.action_resume()
        with self._at("2026-03-24 10:00:00"):
            own.action_approve()
        with self._at("2026-03-24 14:00:00"):
            request.with_user(self.cy).action_return("Which model?")
        with self._at("2026-03-24 15:00:00"):
            request.action_submit()
        return request

    def test_every_step_has_its_person_and_time(self):
        request = self._complete()
        names = ("step", "person_name", "result", "clock_hours", "worked_hours")
        self.assertEqual(
            self._list_steps(request, *names),
            [
                ("Submitted", "Ina", False, False, False),
                ("Level 1", "Ann", "approved", 21.0, 3.0),
                ("On hold", "Ann", False, 18.0, False),
                ("Level 2", "Cy", "returned", 4.0, 3.0),
                ("Revision", "Ina", False, 1.0, False),
                ("Submitted", "Ina", False, False, False),
                ("Level 1", "Ann", "asked", False, False),
            ],
        )
        comments = dict(self._list_steps(request, "step", "comment"))
        self.assertEqual(comments["On hold"], "Waiting for the quote")
        self.assertEqual(comments["Level 2"], "Which model?")

    def test_what_waits_for_its_initiator_is_open(self):
        request = self._submit()
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.ann).action_return("Which model?")
        *_others, last = self._list_steps(request, "step", "ended_at", "person_name")
        self.assertEqual(last, ("Revision", False, "Ina"))

    def test_a_withdrawal_ends_it(self):
        request = self._submit()
        with self._at("2026-03-23 14:00:00"):
            request.action_withdraw()
        steps = self._list_steps(request, "step", "clock_hours", "worked_hours")
        self.assertEqual(
            steps,
            [
                ("Submitted", False, False),
                ("Level 1", 1.0, 1.0),
                ("Withdrawn", False, False),
            ],
        )

    def test_who_takes_it_over_has_only_their_own_time(self):
        request = self._submit()
        with self._at("2026-03-23 15:00:00"):  # after 2 hours
            request.with_user(self.ann).action_forward(self.bo.id, "You know it")
        with self._at("2026-03-24 08:00:00"):  # after one more, and one of Tuesday
            request.with_user(self.bo).action_approve()
        steps = self._list_steps(request, "person_name", "result", "worked_hours")
        self.assertIn(("Ann", "forwarded", 2.0), steps)
        self.assertIn(("Bo", "approved", 2.0), steps)
        hours = self._list_steps(request, "person_name", "clock_hours")
        self.assertIn(("Bo", 17.0), hours)

    def test_of_many_the_median_of_each_step_is_shown(self):
        """Ann needs 1, 2 and 3 hours of work: the median is 2, and not their sum."""
        for moment in ("14:00:00", "15:00:00", "16:00:00"):
            request = self._submit()
            with self._at(f"2026-03-23 {moment}"):
                request.with_user(self.ann).action_approve()
        self.env.flush_all()
        steps = self.env["kpi.tat.lifecycle"]
        groups = steps.formatted_read_group(
            [("subject", "=", "Laptops")],
            ["step"],
            ["worked_hours:median", "clock_hours:median", "__count"],
        )
        found = [
            (one["step"], one["worked_hours:median"], one["__count"]) for one in groups
        ]
        self.assertEqual(
            found, [("Submitted", False, 3), ("Level 1", 2.0, 3), ("Level 2", False, 3)]
        )
        rows = steps.search([("worked_hours", "=", 2.0)])
        self.assertTrue(all(row.clock_hours == 2.0 for row in rows))

    def test_the_form_and_the_list_open_it(self):
        action = self.env.ref("kpi_workflow_tat.kpi_tat_lifecycle_action_request")
        bound = self.env["ir.actions.actions"].get_bindings("kpi.tat.request")
        self.assertIn(action.id, [one["id"] for one in bound["action"]])
        request = self._complete()
        row = self.env["kpi.tat.lifecycle"].search(
            [("request_id", "=", request.id)], limit=1
        )
        self.assertEqual(row.action_open_rows()["res_id"], request.id)

    def test_readers_of_the_request_see_its_steps(self):
        request = self._complete()
        domain = [("request_id", "=", request.id)]
        steps = self.env["kpi.tat.lifecycle"]
        self.env.flush_all()
        for user, count in ((self.ina, 7), (self.cy, 7), (self.bo, 0), (self.zoe, 0)):
            with self.subTest(user=user.name):
                self.assertEqual(steps.with_user(user).search_count(domain), count)


@tagged("post_install", "-at_install")
class TestKpiTatLifecycleOrder(EventLogCase):
    """Groups of steps that are of one place come in one order, page by page."""

    def test_pages_of_groups_hold_each_step_once(self):
        steps = [f"Step {letter}" for letter in "QEXANTLBZGOK"]
        self._import_log(
            [
                (f"P{number}", step, "2026-03-23 09:00:00", "Ina")
                for number, step in enumerate(steps)
            ]
        )
        self.env.flush_all()
        rows = self.env["kpi.tat.lifecycle"]

        def read_groups(**page):
            domain = [("step", "in", steps)]
            found = rows.formatted_read_group(domain, ["step"], ["__count"], **page)
            return [group["step"] for group in found]

        pages = [read_groups(offset=start, limit=5) for start in (0, 5, 10)]
        self.assertEqual(sum(pages, []), sorted(steps))
        backwards = read_groups(order="step desc", limit=5)
        self.assertEqual(backwards, sorted(steps, reverse=True)[:5])
