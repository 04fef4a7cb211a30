from datetime import date, datetime

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..deal_case import DealCase

DAY = date(2026, 1, 31)
LATER = datetime(2999, 1, 1)
EARNINGS = (
    "confirmed_commission_amount",
    "disputed_commission_amount",
    "roi_metrics",
    "snapshot_context",
)


@tagged("post_install", "-at_install")
class TestKpiPerformanceAccess(DealCase):
    """Rights to see performance, against a table made by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._user("boss", "manager")
        cls.admin = cls._user("chief", "admin")
        cls.both = cls._user("both", "agent")
        cls.both.group_ids += cls.viewer.group_ids
        cls.team.crm_team_member_ids = [
            Command.create({"user_id": user.id}) for user in (cls.agent, cls.both)
        ]
        employee = cls.env["hr.employee"].create(
            {"name": "Boss", "user_id": cls.boss.id, "company_id": cls.company.id}
        )
        department = cls.env["hr.department"].create(
            {"name": "Desk", "company_id": cls.company.id, "manager_id": employee.id}
        )
        cls.env["hr.employee"].create(
            {
                "name": "Other",
                "user_id": cls.other.id,
                "company_id": cls.company.id,
                "department_id": department.id,
            }
        )
        cls.far = cls.env["res.company"].create({"name": "Far"})
        cls._deal("Own")
        cls._deal("Others", agent_id=cls.other.id)
        cls._deal("Both", agent_id=cls.both.id)
        cls._left_deal(cls.far)
        performance = cls.env["kpi.agent.performance"]
        performance._take(DAY, cls.company | cls.far, LATER)
        cls.rows = performance.search([("as_of_date", "=", DAY)])
        cls.people = {
            cls.agent: {"agent"},
            cls.other: {"other"},
            cls.both: {"both"},  # no one else's earnings, though of the team
            cls.viewer: {"agent", "both"},
            cls.manager: {"agent", "both"},
            cls.boss: {"other"},
            cls.admin: {"agent", "other", "both"},
        }

    def _as(self, user, model="kpi.agent.performance"):
        context = {"allowed_company_ids": self.company.ids}
        return self.env(user=user, context=context)[model]

    def test_who_sees_whose(self):
        for user, seen in self.people.items():
            with self.subTest(user.login):
                found = self._as(user).search([("as_of_date", "=", DAY)])
                logins = {
                    row.agent_id.login.removeprefix("deal-") for row in found.sudo()
                }
                self.assertEqual(logins, seen)
                self.assertEqual(found.company_id, self.company)
                for row in self.rows:
                    may = row in found.sudo()
                    own = self._as(user).browse(row.id)
                    self.assertEqual(own.has_access("read"), may)
                    for operation in ("write", "create", "unlink"):
                        self.assertFalse(own.has_access(operation))

    def test_viewers_do_not_see_what_agents_earn(self):
        row = self._as(self.viewer).search([], limit=1)
        self.assertTrue(row.read(["deals_open", "conversion_rate"]))
        for name in EARNINGS:
            with self.subTest(name), self.assertRaises(AccessError):
                row.read([name])
        with self.assertRaises(AccessError):
            row.search([("confirmed_commission_amount", ">", 0)])
        own = self._as(self.agent).search([], limit=1)
        self.assertTrue(own.read(EARNINGS))

    def test_viewers_see_the_same_columns_of_closed_deals_as_agents(self):
        names = ("deals_closed_won", "conversion_rate", "avg_cycle_days")
        names += ("recent_won_count", "recent_conversion_rate", "recent_cycle_days")
        self.env["kpi.deal"].search([("title", "=", "Own")]).write(
            {"pipeline_stage": "closed_won", "actual_close_date": date(2026, 1, 20)}
        )
        rows = self.env["kpi.agent.performance"]
        rows._take(date(2026, 2, 1), self.company, LATER)
        domain = [("agent_id", "=", self.agent.id), ("as_of_date", "=", "2026-02-01")]
        (seen,) = self._as(self.viewer).search(domain).read(names)
        (own,) = self._as(self.agent).search(domain).read(names)
        self.assertEqual(seen, own)
        self.assertEqual((seen["recent_won_count"], seen["deals_closed_won"]), (1, 1))
        for view_type in ("list", "form"):
            arch = self._as(self.viewer).get_view(view_type=view_type)["arch"]
            for name in names:
                self.assertIn(f'name="{name}"', arch, view_type)
        self.assertFalse(self._as(self.viewer, "kpi.deal.roi").has_access("read"))

    def test_a_new_leader_sees_at_once_and_the_former_no_more(self):
        row = self.rows.filtered(lambda each: each.agent_id == self.agent)
        mine = row.filtered(lambda each: each.company_id == self.company)
        self.assertTrue(self._as(self.manager).search([("id", "=", mine.id)]))
        self.team.user_id = self.boss
        self.env.invalidate_all()
        self.assertFalse(self._as(self.manager).search([("id", "=", mine.id)]))
        self.assertTrue(self._as(self.boss).search([("id", "=", mine.id)]))

    def test_nobody_writes_performance(self):
        row = self._as(self.admin).search([], limit=1)
        with self.assertRaises(AccessError):
            row.write({"deals_open": 9})
        with self.assertRaises(AccessError):
            row.copy()

    def test_events_of_commissions_follow_the_commission(self):
        deal = self.env["kpi.deal"].search([("title", "=", "Own")])
        commission = self.env["kpi.commission"].create(
            {"deal_id": deal.id, "agent_id": self.agent.id, "commission_amount": 5.0}
        )
        for user, may in (
            (self.agent, True),
            (self.manager, True),
            (self.other, False),
        ):
            events = self._as(user, "kpi.commission.event")
            found = events.search([("commission_id", "=", commission.id)])
            self.assertEqual(bool(found), may, user.login)
        with self.assertRaises(AccessError):
            self._as(self.viewer, "kpi.commission.event").search([])

    def test_only_administrators_count_past_days(self):
        values = {"date_from": "2026-01-01", "date_to": "2026-01-02"}
        with self.assertRaises(AccessError):
            self._as(self.manager, "kpi.agent.performance.take").create(values)
        dialog = self._as(self.admin, "kpi.agent.performance.take").create(values)
        with freeze_time(LATER):
            dialog.action_take()
        found = self._as(self.agent).search([("as_of_date", "=", "2026-01-02")])
        self.assertFalse(found)  # the deals were opened on the fifth
        values = {"date_from": "2026-01-06", "date_to": "2026-01-07"}
        dialog = self._as(self.admin, "kpi.agent.performance.take").create(values)
        with freeze_time(LATER):
            dialog.action_take()
        found = self._as(self.agent).search([("as_of_date", "=", "2026-01-07")])
        self.assertEqual((found.deals_open, found.is_final), (1, False))
        self.assertFalse(
            self.env["kpi.agent.performance"].search(
                [("as_of_date", "=", "2026-01-07"), ("company_id", "=", self.far.id)]
            )
        )
