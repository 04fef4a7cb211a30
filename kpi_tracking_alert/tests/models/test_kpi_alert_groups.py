import runpy
from datetime import datetime, timedelta

from odoo.exceptions import UserError
from odoo.modules.module import get_module_path
from odoo.service.model import call_kw
from odoo.tests import tagged

from .alert_case import AlertCase

# what the list loads of each alert
FIELDS = {
    name: {}
    for name in (
        "period_label",
        "period_value",
        "scope_name",
        "status",
        "target_share",
        "target_value",
    )
}
DURING_MARCH = datetime(2026, 3, 20, 12)


@tagged("post_install", "-at_install")
class TestKpiAlertGroups(AlertCase):
    """Alerts by KPI, as their list shows them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls._track(cls.revenue.definition_id, cls.sales)
        cls._fill(cls.department, {"2026-01": 50, "2026-02": 80})
        cls.rule = cls._rule(cls.revenue, cls.department, cls.complaints)

    def _list_groups(self, user=None, rules=None, **options):
        own = self._as(user or self.officer, self.events)
        return own.web_read_group(
            domain=[("alert_id", "in", (rules or self.rule).ids)],
            groupby=["definition_id"],
            aggregates=["__count"],
            unfold_read_specification=FIELDS,
            **options,
        )["groups"]

    def _list_heads(self, *args, **options):
        """KPI → what its row shows, in the order of the list."""
        return {
            group["definition_id"][1]: group["kpi_head"]
            for group in self._list_groups(*args, **options)
        }

    def test_clients_ask_for_pages_in_an_order(self):
        self._fired(self.rule, self.revenue)
        own = self._as(self.officer, self.events)
        asked = {
            "domain": [("alert_id", "=", self.rule.id)],
            "groupby": ["definition_id"],
            "aggregates": ["__count"],
            "limit": 80,
            "offset": 0,
            "order": "",
            "auto_unfold": False,
            "opening_info": [],
            "unfold_read_specification": FIELDS,
            "context": dict(own.env.context),
        }
        (group,) = call_kw(own, "web_read_group", [], asked)["groups"]
        self.assertEqual(group["kpi_head"]["alert_count"], 1)

    def test_the_kpi_with_the_worst_alert_comes_first(self):
        self._fired(self.rule, self.revenue, severity="warning")
        self._fired(self.rule, self.complaints, severity="info")
        self.assertEqual(list(self._list_heads()), ["Revenue", "Complaints"])
        self._fired(self.rule, self.department, severity="critical")
        self.assertEqual(list(self._list_heads()), ["Revenue", "Complaints"])
        urgent = self._rule(self.complaints, severity="urgent")
        self._fired(urgent, self.complaints)
        both = self.rule | urgent
        self.assertEqual(list(self._list_heads(rules=both)), ["Complaints", "Revenue"])
        # as people ask for it
        by_name = self._list_heads(rules=both, order="definition_id desc")
        self.assertEqual(list(by_name), ["Revenue", "Complaints"])

    def test_of_equally_bad_ones_the_newest_comes_first(self):
        old = self._fired(self.rule, self.complaints)
        new = self._fired(self.rule, self.revenue)
        old.fired_at = new.fired_at - timedelta(days=1)
        self.assertEqual(list(self._list_heads()), ["Revenue", "Complaints"])
        new.fired_at = old.fired_at - timedelta(days=1)
        self.env.flush_all()
        self.assertEqual(list(self._list_heads()), ["Complaints", "Revenue"])

    def test_a_kpi_stands_for_its_widest_level_and_newest_period(self):
        other = self._rule(self.revenue, name="Other")
        newest = self._fired(self.rule, self.revenue)
        self._fired(other, self.revenue, period="2026-01", severity="urgent")
        self._fired(self.rule, self.department, severity="critical")
        (head,) = self._list_heads(rules=self.rule | other).values()
        self.assertEqual(head["row"]["id"], newest.id)
        self.assertEqual(
            [head["row"][name] for name in ("period_label", "status")],
            ["Feb 2026", "at_risk"],
        )
        self.assertEqual(head["row"]["period_value"], 90.0)
        self.assertEqual(head["row"]["target_value"], 100.0)
        self.assertAlmostEqual(head["row"]["target_share"], 90.0)
        self.assertEqual(
            [head[f"{name}_count"] for name in ("alert", "level", "rule", "waiting")],
            [3, 2, 2, 3],
        )

    def test_lower_is_better_by_the_share_of_the_target_too(self):
        self._fired(self.rule, self.complaints)
        row = self._list_heads()["Complaints"]["row"]
        self.assertAlmostEqual(row["target_share"], 75.0)
        self.assertEqual(row["status"], "on_target")

    def test_a_level_without_a_target_has_its_value(self):
        self._fired(self.rule, self.department)
        row = self._list_heads()["Revenue"]["row"]
        self.assertEqual((row["period_value"], row["status"]), (80.0, "no_target"))
        self.assertIs(row["target_share"], False)

    def test_readers_see_the_widest_level_that_is_theirs(self):
        self._fired(self.rule, self.revenue)
        own = self._fired(self.rule, self.department)
        self.department.shared_user_ids = self.user
        (head,) = self._list_heads(self.user).values()
        self.assertEqual(head["row"]["id"], own.id)
        self.assertEqual((head["alert_count"], head["waiting_count"]), (1, 0))
        own.addressee_ids = self.user
        (head,) = self._list_heads(self.user).values()
        self.assertEqual(head["waiting_count"], 1)

    def test_somebody_elses_own_rule_counts_for_nobody(self):
        self._fired(self.rule, self.revenue)
        self.revenue.shared_user_ids = self.user
        private = self._rule(self.revenue, owner_id=self.user.id, is_personal=True)
        self._fired(private, self.revenue, personal_user_id=self.user.id)
        (head,) = self._list_heads(rules=self.rule | private).values()
        self.assertEqual((head["alert_count"], head["rule_count"]), (1, 1))

    def test_who_has_it_and_for_how_long(self):
        condition = {"condition": "below", "target": 100.0}
        event = self._fired(
            self.rule, self.revenue, since_period="2026-01-01", details=condition
        )
        head = self._list_heads()["Revenue"]
        self.assertEqual(head["streak"], "below 90% for 2 months")
        self.assertEqual(head["assignees"], [])
        event.assignee_id = self.manager
        self.env.flush_all()
        (person,) = self._list_heads()["Revenue"]["assignees"]
        self.assertEqual(person, {"id": self.manager.id, "name": self.manager.name})

    def test_one_period_is_no_streak(self):
        self._fired(self.rule, self.revenue, details={"condition": "below"})
        self.assertEqual(self._list_heads()["Revenue"]["streak"], "")

    def test_the_period_that_runs_stands_beside_an_earlier_one(self):
        with self._at(DURING_MARCH):
            self._fill(self.revenue, {"2026-03": 70})
            self._fired(self.rule, self.revenue)
            self._fired(self.rule, self.complaints)
            heads = self._list_heads()
            running = self.revenue._get_verdicts()[self.revenue].running
        self.assertEqual(
            heads["Revenue"]["so_far"],
            {"label": "Mar 2026", "status": running.judged.status},
        )
        self.assertFalse(heads["Complaints"]["so_far"])  # has no value yet

    def test_the_first_day_of_a_period_is_not_rated_beside_an_earlier_one(self):
        with self._at("2026-03-01 12:00:00"):
            self._fill(self.complaints, {"2026-03": 0})
            self._fired(self.rule, self.complaints)
            self.assertFalse(self._list_heads()["Complaints"]["so_far"])

    def test_many_kpis_take_as_many_statements_as_two(self):
        def count(rules):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            groups = self._list_groups(rules=rules)
            return len(groups), self.env.cr.sql_log_count - before

        for report in (self.revenue, self.complaints):
            self._fired(self.rule, report)
        rules = self.rule
        count(rules)  # rights and texts are remembered from here on
        groups, few = count(rules)
        self.assertEqual(groups, 2)
        for number in range(6):
            kpi = self._entered(f"KPI {number}", {"2026-02": 90}, target=100)
            rule = self._rule(kpi, name=f"Rule {number}")
            self._fired(rule, kpi)
            rules |= rule
        self.assertEqual(count(rules), (8, few))

    def test_all_of_a_kpi_are_acknowledged_at_once(self):
        events = self._fired(self.rule, self.revenue)
        events += self._fired(self.rule, self.department)
        other = self._fired(self.rule, self.complaints)
        kpi = self._as(self.officer, self.revenue.definition_id)
        self.assertIs(kpi.action_acknowledge_alerts(), True)
        self.assertEqual(set(events.mapped("state")), {"acknowledged"})
        self.assertEqual(events.assignee_id, self.officer)
        self.assertEqual(other.state, "firing")
        self.assertIs(kpi.action_acknowledge_alerts(), True)  # nothing is left

    def test_nobody_acknowledges_what_is_others_business(self):
        mine = self._fired(self.rule, self.department)
        seen = self._fired(self.rule, self.revenue)
        hidden = self._fired(self.rule, self.complaints)
        (self.department | self.revenue).shared_user_ids = self.user
        mine.addressee_ids = self.user
        kpis = (self.revenue | self.complaints).definition_id
        self._as(self.user, kpis).action_acknowledge_alerts()
        self.assertEqual(
            [each.state for each in (mine, seen, hidden)],
            ["acknowledged", "firing", "firing"],
        )

    def test_only_what_the_list_shows_is_acknowledged(self):
        shown = self._fired(self.rule, self.department)
        other = self._fired(self.rule, self.revenue)
        kpi = self._as(self.officer, self.revenue.definition_id)
        kpi.action_acknowledge_alerts([["report_id", "=", self.department.id]])
        self.assertEqual((shown.state, other.state), ("acknowledged", "firing"))
        with self.assertRaisesRegex(UserError, "Invalid domain"):
            kpi.action_acknowledge_alerts([["no_such_field", "=", 1]])
        self.assertEqual(other.state, "firing")

    def test_old_alerts_find_their_kpi(self):
        event = self._fired(self.rule, self.department)
        self.assertEqual(event.definition_id, self.revenue.definition_id)
        self.env.cr.execute(
            "UPDATE kpi_alert_event SET definition_id = NULL WHERE id = %s", [event.id]
        )
        path = get_module_path("kpi_tracking_alert")
        script = runpy.run_path(f"{path}/migrations/19.0.1.3.0/pre-definitions.py")
        script["migrate"](self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(event.definition_id, self.revenue.definition_id)
