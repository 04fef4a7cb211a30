from datetime import date

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from .test_kpi_judged import TODAY, KpiTargetCase

MANAGER = "kpi_base.kpi_base_group_manager"


@freeze_time(TODAY)
@tagged("post_install", "-at_install")
class TestKpiTargetInForce(KpiTargetCase):
    """Targets that apply now, what follows, and the last period; it is 20 November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.report"].search([]).active = False

    def _find_in_force(self, *domain):
        return self.env["kpi.target"].search([("is_in_force", "=", True), *domain])

    def test_one_target_of_a_kpi_is_in_force(self):
        sales = self._report("Sales")
        targets = self._targets(
            sales, {(2025, 1): 80, (2026, 6): 100, (2026, 12): 110, (2027, 1): 120}
        )
        self.assertEqual(self._find_in_force(), targets[1])
        self.assertEqual(targets.filtered("is_in_force"), targets[1])
        others = self.env["kpi.target"].search(
            [("is_in_force", "=", False), ("report_id", "=", sales.id)]
        )
        self.assertEqual(others, targets - targets[1])

    def test_a_target_from_within_the_period_applies_to_it(self):
        sales = self._report("Sales")
        self._target(sales, (2026, 1), 100)
        later = self._target(sales, date_from=date(2026, 11, 25), value=120)
        self.assertEqual(self._find_in_force(), later)
        self.assertEqual(later.since_label, "Nov 25, 2026")

    def test_what_is_still_to_come_is_not_in_force(self):
        self._target(self._report("Sales"), (2027, 1), 100)
        self.assertFalse(self._find_in_force())

    def test_targets_of_archived_kpis_are_not_in_force(self):
        sales, costs = self._report("Sales"), self._report("Costs")
        held = self._target(sales, (2026, 1), 100)
        self._target(costs, (2026, 1), 100)
        costs.active = False
        self.assertEqual(self._find_in_force(), held)
        sales.definition_id.active = False
        self.assertFalse(self._find_in_force())

    def test_the_period_of_a_kpi_is_its_own(self):
        year = self._report("Members", frequency="year")
        held = self._target(year, (2026, 12), 100)  # the year ends after that day
        self.assertEqual(self._find_in_force(), held)
        self.assertEqual(held.since_label, "Dec 1, 2026")

    def test_what_follows_is_named_or_the_year_to_set(self):
        sales = self._report("Sales")
        first, last = self._targets(sales, {(2026, 6): 100, (2027, 1): 1200})
        self.assertEqual(first.since_label, "Jun 2026")
        self.assertEqual(first.next_target, "Jan 2027: 1,200")
        self.assertFalse(first.next_year_label)
        self.assertFalse(last.next_target)
        self.assertFalse(last.next_year_label, "it is of that year")

    def test_the_year_to_set_is_the_next_one(self):
        target = self._target(self._report("Sales"), (2026, 6), 100)
        self.assertFalse(target.next_target)
        self.assertEqual(target.next_year_label, "2027")

    def test_a_reader_is_not_asked_to_set_a_target(self):
        sales = self._report("Sales")
        target = self._target(sales, (2026, 1), 100)
        reader = new_test_user(
            self.env, "target_reader", "base.group_user,kpi_base.kpi_base_group_user"
        )
        sales.shared_user_ids = [Command.link(reader.id)]
        shown = target.with_user(reader)
        self.assertEqual(shown.rule_in_words, "100")
        self.assertFalse(shown.next_year_label)
        with self.assertRaises(AccessError):
            shown.action_set_next()

    def test_the_next_year_is_set_in_a_dialog(self):
        sales = self._report("Sales")
        target = self._target(sales, (2026, 6), 100, stretch=110)
        action = target.action_set_next()
        self.assertEqual(action["target"], "new")
        self.assertTrue(action["name"].endswith("Target for 2027"), action["name"])
        context = action["context"]
        defaults = {
            name.removeprefix("default_"): value
            for name, value in context.items()
            if name.startswith("default_")
        }
        self.assertEqual(defaults["date_from"], date(2027, 1, 1))
        made = self.env["kpi.target"].with_context(**context).create({"value": 105})
        self.assertEqual(made.report_id, sales)
        self.assertEqual((made.date_from, made.stretch), (date(2027, 1, 1), 110))
        self.assertEqual(target.next_target, "Jan 2027: 105")

    def test_the_last_period_is_the_last_closed_one(self):
        sales = self._report("Sales", {(2026, 9): 80, (2026, 10): 73, (2026, 11): 99})
        target = self._target(sales, (2026, 6), 100)
        self.assertEqual(target.period_label, "Oct 2026")
        self.assertEqual((target.last_value, target.achievement), (73, 73))
        self.assertEqual((target.status, target.is_running), ("off_target", False))
        points = target.sparkline["points"]
        self.assertEqual((len(points), points[-1]["label"]), (12, "Oct 2026"))
        self.assertFalse(target.sparkline["running"])

    def test_the_first_value_may_be_that_of_the_running_period(self):
        sales = self._report("Sales", {(2026, 11): 70})
        target = self._target(sales, (2026, 11), 100)
        self.assertEqual(target.period_label, "Nov 2026")
        self.assertEqual((target.last_value, target.is_running), (70, True))
        self.assertEqual(target.status, "on_target")
        self.assertTrue(target.sparkline["running"])

    def test_a_kpi_without_a_value_has_no_data(self):
        target = self._target(self._report("Sales"), (2026, 1), 100)
        self.assertEqual((target.last_value, target.status), (False, "no_data"))
        self.assertEqual(target.period_label, "Oct 2026")

    def test_nothing_is_said_beside_a_target_that_is_over(self):
        sales = self._report("Sales", {(2026, 10): 73})
        over, _held = self._targets(sales, {(2026, 1): 90, (2026, 6): 100})
        self.assertEqual((over.last_value, over.status), (False, False))
        self.assertFalse(over.sparkline)

    def test_many_are_read_by_as_many_statements_as_one(self):
        targets = self.env["kpi.target"]
        for name in ("Sales", "Costs", "Share"):
            report = self._report(name, {(2026, 10): 73})
            targets |= self._target(report, (2026, 1), 100)
        names = [
            "is_in_force", "since_label", "next_target", "last_value", "sparkline",
        ]  # fmt: skip
        counts = []
        for some in (targets[0], targets):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_a_group_says_for_whom_its_targets_are(self):
        sales = self._report("Sales")
        self._targets(sales, {(2026, 1): 100, (2027, 1): 110})
        departments = self.env["hr.department"].create(
            [{"name": name} for name in ("East", "West")]
        )
        for department in departments:
            below = sales.definition_id._track_for("department", department)
            self._target(below, (2026, 1), 50)
        person = new_test_user(self.env, "target_person", "base.group_user")
        own = sales.definition_id._track_for("user", person)
        self._target(own, (2026, 1), 5)
        texts = self.env["kpi.target"].get_scope_texts(sales.definition_id.ids)
        self.assertEqual(
            texts, {sales.definition_id.id: "company, 2 departments, 1 person"}
        )

    def test_the_list_counts_what_its_reader_sees(self):
        sales = self._report("Sales")
        self._target(sales, (2026, 1), 100)
        stranger = new_test_user(
            self.env, "target_stranger", "base.group_user,kpi_base.kpi_base_group_user"
        )
        targets = self.env["kpi.target"].with_user(stranger)
        self.assertEqual(targets.get_scope_texts(sales.definition_id.ids), {})

    def test_rows_are_in_the_order_of_levels(self):
        sales = self._report("Sales")
        department = self.env["hr.department"].create({"name": "East"})
        below = sales.definition_id._track_for("department", department)
        low = self._target(below, (2026, 1), 50)
        top = self._target(sales, (2026, 1), 100)
        found = self.env["kpi.target"].search(
            [("definition_id", "=", sales.definition_id.id)],
            order="scope_type, report_id, date_from desc",
        )
        self.assertEqual(found.ids, [top.id, low.id])

    def test_without_a_choice_all_in_force_are_copied(self):
        sales = self._report("Sales")
        _over, held = self._targets(sales, {(2026, 1): 90, (2026, 6): 100})
        wizards = self.env["kpi.target.copy.wizard"].with_context(
            active_model="kpi.target", active_ids=[]
        )
        values = wizards.default_get(["target_ids"])
        self.assertEqual(values["target_ids"], [Command.set(held.ids)])
