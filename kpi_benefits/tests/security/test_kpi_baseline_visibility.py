from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from ..models.baseline_case import BaselineCase

VALUES = ("expected_value", "realized_value", "planned_to_date", "realization_rate")


@freeze_time("2026-07-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBaselineVisibility(BaselineCase):
    """A KPI that somebody may not see shows nothing, and nothing follows from it.

    Sue sponsors the initiative; she sees one benefit that is typed in, and none of the
    KPI that measures the other one.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("setUp")
        cls.kpi = cls._kpi("Secret hours")
        cls.kpi.shared_user_ids = False
        cls.initiative = case._make()
        cls.initiative.cost_ids = [(0, 0, {"period_start": "2026-01-01", "planned": 9})]
        cls.baseline = case._baseline(cls.kpi, cls.initiative, unit_value=100)
        cls.hidden = case._measured_benefit(cls.baseline, name="Hidden")
        cls.shown = case._benefit(cls.initiative, name="Shown")
        cls.shown.period_ids[0].realized = 7
        case._months(cls.kpi, 18, 16, 14)
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _own(self, record, user=None):
        return self._as(user or self.sue, record)

    def test_the_baseline_and_what_it_measures_are_not_there(self):
        for record in (
            self.baseline,
            self.baseline.share_ids,
            self.hidden,
            self.hidden.period_ids[0],
        ):
            self.assertFalse(self._own(record).has_access("read"), record)
            self.assertFalse(self._own(record).search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                self._own(record).read()
            with self.assertRaises(UserError):
                self._own(record).export_data([".id", "display_name"])

    def test_who_sees_the_kpi_sees_the_benefit(self):
        self.kpi.shared_user_ids = self.sue
        self.assertEqual(self._own(self.hidden).realized_value, 1200)
        self.assertEqual(self._own(self.initiative).realized_value, 1207)
        self.assertFalse(self._own(self.initiative).is_benefit_partial)

    def test_each_other_kpi_counts_as_well(self):
        self.kpi.shared_user_ids = self.sue
        for name in ("control_id", "adoption_id", "volume_id"):
            other = self._kpi(f"Secret {name}")
            other.shared_user_ids = False
            self.baseline[name] = other
            self.assertFalse(self._own(self.hidden).has_access("read"), name)
            self.baseline[name] = False
            self.assertTrue(self._own(self.hidden).has_access("read"), name)

    def test_totals_hold_what_the_reader_may_see(self):
        own, full = self._own(self.initiative), self._own(self.initiative, self.olga)
        self.assertEqual((own.expected_value, own.realized_value), (6000, 7))
        self.assertEqual((full.expected_value, full.realized_value), (12000, 1207))
        self.assertEqual(own.planned_to_date, 6000)
        self.assertEqual((own.benefit_count, full.benefit_count), (1, 2))
        self.assertTrue(own.is_benefit_partial)
        self.assertFalse(full.is_benefit_partial)
        self.assertEqual(full.npv - own.npv, 6000)
        row = own.read([*VALUES, "npv", "benefit_ids", "baseline_ids"])[0]
        self.assertEqual(row["realized_value"], 7)
        self.assertEqual(row["benefit_ids"], self.shown.ids)
        self.assertFalse(row["baseline_ids"])

    def test_totals_of_others_are_not_in_the_cache(self):
        """One after the other in one transaction, in either order."""
        for user, value in ((self.olga, 1207), (self.sue, 7), (self.pia, 1207)):
            self.assertEqual(self._own(self.initiative, user).realized_value, value)

    def test_nothing_is_found_by_its_value(self):
        initiatives = self._own(self.initiative)
        for condition in (
            ("benefit_ids.realized_value", ">", 1000),
            ("benefit_ids.baseline_id", "!=", False),
            ("benefit_ids.baseline_id.name", "ilike", "hours"),
            ("benefit_ids.period_ids.is_measured", "=", True),
            ("benefit_ids.period_ids.realized", ">", 100),
            ("baseline_ids.baseline_value", ">", 0),
            ("baseline_ids.share_ids.share", ">", 0),
        ):
            with self.subTest(condition):
                self.assertFalse(initiatives.search([condition]))
                self.assertTrue(self._own(initiatives, self.olga).search([condition]))

    def test_totals_cannot_be_grouped_or_sorted(self):
        initiatives = self._own(self.initiative)
        for name in VALUES:
            with self.assertRaises(Exception):  # noqa: B017 several kinds of refusal
                initiatives._read_group([], ["status"], [f"{name}:sum"])
            with self.assertRaises(Exception):  # noqa: B017 several kinds of refusal
                initiatives.search([], order=name)
            with self.assertRaises(Exception):  # noqa: B017 several kinds of refusal
                initiatives.search([(name, ">", 0)])

    def test_months_are_grouped_without_what_is_hidden(self):
        months = self._own(self.hidden.period_ids)
        rows = months._read_group(
            [("initiative_id", "=", self.initiative.id)],
            ["initiative_id"],
            ["realized:sum", "__count"],
        )
        self.assertEqual([row[1:] for row in rows], [(7, 6)])
        rows = self._own(self.hidden)._read_group(
            [("initiative_id", "=", self.initiative.id)], [], ["realized_value:sum"]
        )
        self.assertEqual(rows, [(7,)])

    def test_messages_stay_with_the_benefit(self):
        self.baseline.with_context(tracking_disable=False).target_value = 11
        self.hidden._message_log(body="Realized 1200")
        self.env.flush_all()
        for record in (self.hidden, self.baseline):
            domain = [("model", "=", record._name), ("res_id", "=", record.id)]
            messages = self.env["mail.message"].with_user(self.sue)
            self.assertFalse(messages.search(domain))

    def test_its_own_owner_needs_the_kpi_too(self):
        self.hidden.owner_id = self.zoe
        self.shown.owner_id = self.zoe
        self.assertFalse(self._own(self.hidden, self.zoe).has_access("read"))
        self.assertTrue(self._own(self.shown, self.zoe).has_access("read"))

    def test_nobody_measures_by_a_kpi_they_do_not_see(self):
        self.shown.owner_id = self.zoe
        other = self._baseline(self._kpi("Third"), self.initiative)
        self.shown.period_ids[0].realized = False
        with self.assertRaises(AccessError):
            self._own(self.shown, self.zoe).baseline_id = other

    def test_another_company_does_not_see_it(self):
        far = self._make_far().owner_id
        for record in (self.baseline, self.baseline.share_ids, self.hidden):
            own = record.with_user(far).with_context(
                allowed_company_ids=far.company_ids.ids
            )
            self.assertFalse(own.search([("id", "=", record.id)]))
            for change in (own.read, own.unlink, lambda own=own: own.write({})):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    change()
