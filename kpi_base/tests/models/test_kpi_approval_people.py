from datetime import date, datetime, timedelta

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from ...audit import parse_entry_values
from ..approval_case import ORDER, ApprovalCase
from ..common import ClockMixin, run_cron

CRON = "kpi_base.kpi_approval_step_cron"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-25 10:00:00")  # a Wednesday
class TestKpiApprovalPeople(ClockMixin, ApprovalCase):
    """Who is asked, and who instead of people who are not there."""

    def _delegate(self, user, delegate, **values):
        return self.env["kpi.approval.delegation"].create(
            {
                "user_id": user.id,
                "delegate_id": delegate.id,
                "date_from": date(2026, 3, 20),
                "date_to": date(2026, 3, 30),
                **values,
            }
        )

    def _leave(self, user, days=5):
        employee = user.employee_ids or self.env["hr.employee"].create(
            {"name": user.login, "user_id": user.id}
        )
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holidays",
                "resource_id": employee.resource_id.id,
                "calendar_id": employee.resource_calendar_id.id,
                "date_from": datetime(2026, 3, 24),
                "date_to": datetime(2026, 3, 24) + timedelta(days=days),
                "time_type": "leave",
            }
        )

    def _set_level(self, **values):
        level = self.workflow.level_ids
        level.approver_ids.unlink()
        level.approver_ids = [Command.create(values)]

    def _manage(self, user, manager):
        employees = self.env["hr.employee"]
        above = manager.employee_ids or employees.create(
            {"name": manager.login, "user_id": manager.id}
        )
        below = user.employee_ids or employees.create(
            {"name": user.login, "user_id": user.id}
        )
        below.parent_id = above

    def test_ways_to_find_approvers(self):
        group = self.env["res.groups"].create(
            {"name": "Buyers", "user_ids": [Command.set((self.ann | self.sam).ids)]}
        )
        for values, people in (
            ({"whom": "manager"}, self.cy),
            ({"whom": "manager", "steps_up": 2}, self.dee),
            ({"whom": "manager", "steps_up": 3}, self.cy),  # nobody: next up
            ({"whom": "group", "group_id": group.id}, self.ann),  # never Sam himself
            ({"whom": "department_head"}, self.cy),  # has no department: next up
        ):
            with self.subTest(values):
                self._set_level(**values)
                self.assertEqual(self._get_people(self._asked()), people)
        department = self.env["hr.department"].create(
            {"name": "Buying", "manager_id": self.dee.employee_ids.id}
        )
        self.sam.employee_ids.department_id = department
        self.assertEqual(self._get_people(self._asked()), self.dee)
        # Sam heads his own department, and has no manager.
        department.manager_id = self.sam.employee_ids
        self.sam.employee_ids.parent_id = False
        self.assertEqual(self._get_people(self._asked()), self.olga)

    def test_a_delegate_is_asked_and_both_are_named(self):
        self._delegate(self.ann, self.dee)
        order = self._asked()
        self.assertEqual(self._get_people(order), self.bo | self.dee)
        step = order.sudo()._find_steps("asked").filtered("for_user_id")
        self.assertEqual((step.user_id, step.for_user_id), (self.dee, self.ann))
        order.with_user(self.dee).action_approve()
        entry = self.env["kpi.audit.log"].search([("model", "=", ORDER)], limit=1)
        self.assertEqual(entry.event_type, "approval_approved")
        self.assertEqual(entry.user_id, self.dee)
        self.assertEqual(parse_entry_values(entry.text)["in_place_of"], self.ann.id)

    def test_delegations_that_do_not_count(self):
        other = self._make_workflow([("any", self.cy)], sequence=50)
        for values in (
            {"date_to": date(2026, 3, 25)},  # back today
            {"date_from": date(2026, 3, 26)},
            {"workflow_ids": other.ids},
        ):
            with self.subTest(values):
                delegation = self._delegate(self.ann, self.dee, **values)
                self.assertEqual(self._get_people(self._asked()), self.ann | self.bo)
                delegation.unlink()

    def test_where_the_deputy_cannot_decide_the_manager_is_asked(self):
        self.workflow.active = False
        self._make_workflow([("any", self.ann)])
        self._manage(self.ann, self.cy)
        for name, deputy, prepare in (
            ("submits it", self.sam, lambda: self.env["res.users"]),
            ("is on leave", self.dee, lambda: self._leave(self.dee)),
            ("has a deputy", self.dee, lambda: self._delegate(self.dee, self.bo)),
            ("each other's", self.dee, lambda: self._delegate(self.dee, self.ann)),
        ):
            with self.subTest(name):
                made = self._delegate(self.ann, deputy), prepare()
                self.assertEqual(self._get_people(self._asked()), self.cy)
                for records in made:
                    records.unlink()

    def test_leaves_and_deputies_count_the_same(self):
        """Whoever is away is asked neither as a manager nor as the owner."""
        for go in (self._leave, lambda user: self._delegate(user, self.bo)):
            with self.subTest(go):
                self._set_level(whom="manager")
                gone = go(self.cy) | go(self.dee)
                people = self._get_people(self._asked())
                self.assertFalse(people & (self.cy | self.dee))
                self._set_level(whom="user", user_id=self.sam.id)
                self.assertEqual(self._get_people(self._asked()), self.olga)
                gone |= go(self.olga)
                with self.assertRaisesRegex(UserError, "has no available approver"):
                    self._asked()
                gone.unlink()

    def test_a_deputy_who_goes_away_later_passes_nothing_on(self):
        self.workflow.active = False
        self._make_workflow([("any", self.ann)])
        self._manage(self.ann, self.cy)
        order = self._asked()
        self._delegate(self.ann, self.bo)
        run_cron(self, CRON)
        (step,) = order.sudo()._find_steps("asked")
        self.assertEqual((step.user_id, step.reason), (self.bo, "delegated"))
        self._delegate(self.bo, self.ann)
        run_cron(self, CRON)
        # the manager of Ann, in whose place it was
        (step,) = order.sudo()._find_steps("asked")
        self.assertEqual((step.user_id, step.reason), (self.cy, "absent"))

    def test_where_the_deputy_goes_whoever_is_back_is_asked(self):
        self.workflow.active = False
        self._make_workflow([("any", self.ann)])
        deputy = self._delegate(self.ann, self.bo)
        order = self._asked()
        self.assertEqual(self._get_people(order), self.bo)
        deputy.unlink()
        self._leave(self.bo)
        run_cron(self, CRON)
        self.assertEqual(self._get_people(order), self.ann)

    def test_days_are_those_of_whoever_is_away(self):
        self.ann.tz = "Pacific/Auckland"  # the 26th begins at 11:00 UTC
        self._delegate(self.ann, self.dee, date_from=date(2026, 3, 26))
        self.assertEqual(self._get_people(self._asked()), self.ann | self.bo)
        with self._at(datetime(2026, 3, 25, 11)):
            self.assertEqual(self._get_people(self._asked()), self.bo | self.dee)

    def test_a_second_deputy_for_the_same_days_is_refused(self):
        other = self._make_workflow([("any", self.cy)], sequence=50)
        mine = self._delegate(self.ann, self.dee)
        last = {"date_from": date(2026, 3, 29), "date_to": date(2026, 4, 5)}
        for values in ({}, last, {"workflow_ids": other.ids}):
            with (
                self.subTest(values),
                self.assertRaisesRegex(
                    ValidationError, "approve-dee .* from Mar 20.* to Mar 29"
                ),
                self.cr.savepoint(),
            ):
                self._delegate(self.ann, self.cy, **values)
        later = self._delegate(
            self.ann, self.cy, date_from=date(2026, 3, 30), date_to=date(2026, 4, 5)
        )
        self._delegate(self.bo, self.cy)  # somebody else's
        refused = self.assertRaisesRegex(ValidationError, "Change the dates")
        with refused, self.cr.savepoint():
            later.date_from = date(2026, 3, 29)
        later.unlink()
        mine.workflow_ids = other
        self._delegate(self.ann, self.cy, workflow_ids=self.workflow.ids)
        with self.assertRaisesRegex(ValidationError, "is already the deputy"):
            mine.workflow_ids = False

    def test_a_deputy_for_a_workflow_is_none_for_others_when_it_is_deleted(self):
        other, third = (self._make_workflow([("any", self.cy)]) for _ in range(2))
        narrow = self._delegate(self.ann, self.dee, workflow_ids=other.ids)
        wide = self._delegate(self.bo, self.dee, workflow_ids=[other.id, third.id])
        other.unlink()
        self.assertFalse(narrow.exists())
        self.assertEqual(wide.workflow_ids, third)

    def test_delegations_make_sense(self):
        for values in ({"delegate_id": self.ann.id}, {"date_to": date(2026, 3, 20)}):
            with self.subTest(values), self.assertRaises(Exception) as caught:
                with self.cr.savepoint():
                    self._delegate(self.ann, self.dee).write(values)
            self.assertNotIsInstance(caught.exception, AssertionError)
        self.dee.group_ids = [Command.set(self.env.ref("base.group_portal").ids)]
        with self.assertRaisesRegex(ValidationError, "is not an active internal user"):
            self._delegate(self.ann, self.dee)

    def test_who_is_on_leave_is_not_asked_where_another_is(self):
        self._leave(self.ann)
        self.assertEqual(self._get_people(self._asked()), self.bo)
        self._leave(self.bo)
        self._manage(self.ann, self.dee)
        self.assertEqual(self._get_people(self._asked()), self.dee)
        for user in (self.cy, self.dee):
            self._leave(user)
        self.assertEqual(self._get_people(self._asked()), self.olga)
        self._leave(self.olga)
        with self.assertRaisesRegex(UserError, "has no available approver"):
            self._asked()

    def test_who_cannot_see_it_is_not_asked(self):
        self.env["ir.rule"].create(
            {
                "name": "not for Ann",
                "model_id": self.env["ir.model"]._get_id(ORDER),
                "domain_force": f"[('id', '=', 0)] if user.id == {self.ann.id} else []",
            }
        )
        self.assertEqual(self._get_people(self._asked()), self.bo)

    def test_people_of_another_company_are_not_asked(self):
        far = self.env["res.company"].create({"name": "Far"})
        self.ann.write({"company_ids": [Command.set(far.ids)], "company_id": far.id})
        self.assertEqual(self._get_people(self._asked()), self.bo)

    def test_who_is_archived_or_goes_away_meanwhile_is_replaced(self):
        self.workflow.active = False
        self._make_workflow([("all", self.ann | self.bo)])
        self._manage(self.ann, self.dee)
        order = self._asked()
        self._leave(self.ann)
        run_cron(self, CRON)
        self.assertEqual(self._get_people(order), self.bo | self.dee)
        self._delegate(self.bo, self.cy)
        run_cron(self, CRON)
        self.assertEqual(self._get_people(order), self.cy | self.dee)
        run_cron(self, CRON)
        self.assertEqual(self._get_people(order), self.cy | self.dee)
        with self.assertRaisesRegex(UserError, "is waiting for"):
            order.with_user(self.ann).action_approve()
        for user in (self.cy, self.dee):
            order.with_user(user).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_who_left_before_their_level_is_not_asked(self):
        self.workflow.active = False
        self._make_workflow(
            [("any", self.cy), ("any", self.ann), ("any", self.ann | self.bo)]
        )
        order = self._asked()
        self.ann.active = False
        order.with_user(self.cy).action_approve()
        # she has no manager: the owner
        self.assertEqual(self._get_people(order), self.olga)
        order.with_user(self.olga).action_approve()
        self.assertEqual(self._get_people(order), self.bo)

    def test_who_lost_the_right_to_see_it_is_replaced(self):
        order = self._asked()
        self.env["ir.rule"].create(
            {
                "name": "not Ann, nor Bo",
                "model_id": self.env["ir.model"]._get_id(ORDER),
                "domain_force": "[('id', '!=', user.id in"
                f" {(self.ann | self.bo).ids} and {order.id} or 0)]",
            }
        )
        run_cron(self, CRON)
        self.assertEqual(self._get_people(order), self.olga)

    def test_who_leaves_hands_over(self):
        order, own = self._asked(), self._order()
        links = self.env["kpi.user.link"]
        (link,) = (
            link
            for link in links._find_records(self.ann, "hand_over")
            if link.model == "kpi.approval.step"
        )
        with self.assertRaisesRegex(UserError, "cannot approve it"):
            links._hand_over(link, self.ann, self.sam)
        links._hand_over(link, self.ann, self.dee)
        self.assertEqual(self._get_people(order), self.bo | self.dee)
        step = order.sudo()._find_steps("asked").filtered("for_user_id")
        self.assertEqual(step.for_user_id, self.ann)
        order.with_user(self.dee).action_approve()
        self.assertEqual(order.approval_state, "approved")
        self.assertEqual(own.approval_state, "none")

    def test_after_the_timeout_the_manager_may_decide_too(self):
        self.workflow.active = False
        self._make_workflow([("all", self.ann | self.bo)], escalation_timeout=16)
        self._manage(self.ann, self.dee)
        order = self._asked()
        steps = order.sudo()._find_steps("asked")
        # Wednesday 10:00 UTC to Friday 10:00: two working days of 8 hours
        self.assertEqual(set(steps.mapped("due_at")), {datetime(2026, 3, 27, 10)})
        sweeps = self.env["kpi.approval.step"]
        self.assertEqual(sweeps._sweep_due(), datetime(2026, 3, 27, 10))
        self.assertEqual(self._get_people(order), self.ann | self.bo)
        with self._at(datetime(2026, 3, 27, 10)):
            sweeps._sweep_due()
            sweeps._sweep_due()
        # Bo has no manager: the owner
        people = self.ann | self.bo | self.dee | self.olga
        self.assertEqual(self._get_people(order), people)
        self.assertEqual(order.approval_state, "pending", "silence approves nothing")
        order.with_user(self.dee).action_approve()
        self.assertEqual(order.approval_state, "pending")
        order.with_user(self.bo).action_approve()
        self.assertEqual(order.approval_state, "approved")
        self.assertEqual(
            order.sudo()._find_steps("closed").user_id, self.ann | self.olga
        )

    def test_where_nobody_is_above_the_timeout_is_tried_again(self):
        self.workflow.escalation_timeout = 8
        leave = self._leave(self.olga, days=3)  # to Friday morning
        order = self._asked()
        sweeps = self.env["kpi.approval.step"]
        with self._at(datetime(2026, 3, 26, 10)):
            self.assertEqual(sweeps._sweep_due(), datetime(2026, 3, 27, 10))
        self.assertEqual(self._get_people(order), self.ann | self.bo)
        self.assertFalse(any(order.sudo()._find_steps("asked").mapped("escalated_at")))
        leave.unlink()
        with self._at(datetime(2026, 3, 27, 10)):
            sweeps._sweep_due()
        self.assertEqual(self._get_people(order), self.ann | self.bo | self.olga)

    def test_whoever_goes_is_replaced_at_once(self):
        cron = self.env.ref(CRON)
        for go in (
            lambda: self._leave(self.ann),
            lambda: self._delegate(self.bo, self.cy),
            lambda: self.ann.write({"active": False}),
        ):
            triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
            triggers.unlink()
            go()
            self.assertTrue(triggers.search_count([("cron_id", "=", cron.id)]))

    def test_holidays_and_clock_changes_move_the_timeout(self):
        self.workflow.escalation_timeout = 24
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday of the company",
                "calendar_id": self.ann.company_id.resource_calendar_id.id,
                "date_from": datetime(2026, 3, 25, 23),
                "date_to": datetime(2026, 3, 26, 22, 59, 59),
            }
        )
        calendar = self.ann.company_id.resource_calendar_id
        calendar.tz = "Europe/Berlin"  # clocks go forward on Sunday, 29 March 2026
        steps = self._asked().sudo()._find_steps("asked")
        # From Wednesday 11:00 in Berlin: 5 h, Thursday free, Friday 8 h, Monday 8 h,
        # Tuesday the last 3 h from 08:00 to 11:00, which is 09:00 UTC.
        self.assertEqual(set(steps.mapped("due_at")), {datetime(2026, 3, 31, 9)})

    def test_whoever_is_alone_may_decide_on_their_own_if_allowed(self):
        self._set_level(whom="user", user_id=self.sam.id)
        self.assertEqual(self._get_people(self._asked()), self.cy)
        self.workflow.allow_self_if_alone = True
        order = self._asked()
        self.assertEqual(self._get_people(order), self.sam)
        order.action_approve()
        self.assertEqual(order.approval_state, "approved")
