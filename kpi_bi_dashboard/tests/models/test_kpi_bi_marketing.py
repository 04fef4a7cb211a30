"""Spend and touches: how they come in, and what analyses make of them."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.tests.import_case import OFFICER

from .test_kpi_bi_analysis import GROUP, AnalysisCase

SPEND = """channel,day,amount,clicks
Ads,2026-01-05,100,40
ads ,2026-01-05,20,2
Mail,2026-01-06,30.5,
Ads,2026-01-05,50,10
"""
WIDE = """week,tv,print,total
2026-01-05,100,,100
2026-01-12,50.25,7,57.25
"""
# C1 > C2 > C3 > sale, C1, C2 > C3
TOUCHES = """user,time,channel,value
anna,2026-01-01 10:00,C1,
anna,2026-01-02 10:00,C2,
anna,2026-01-02 10:00,C3,90
bert,2026-01-03,C1,0
carl,2026-01-04T08:00:00+01:00,C2,
carl,2026-01-05,C3,
"""


class MarketingCase(AnalysisCase):
    target_model = "kpi.import.spend"

    def _spent(self):
        found = self.env["kpi.bi.spend"].search([], order="day, channel")
        return [(one.channel, str(one.day), one.amount, one.visits) for one in found]

    def _touched(self, content=TOUCHES, **values):
        return self._imported(content, target_model="kpi.import.touch", **values)


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiSpend(MarketingCase):
    def test_rows_of_a_day_add_up_and_the_same_file_changes_nothing(self):
        self.assertCounts(self._imported(SPEND), added=3)
        expected = [
            ("Ads", "2026-01-05", 150, 50),
            ("ads", "2026-01-05", 20, 2),
            ("Mail", "2026-01-06", 30.5, 0),
        ]
        self.assertEqual(sorted(self._spent()), sorted(expected))
        self.assertCounts(self._imported(SPEND), equal=3)
        again = self._imported(SPEND.replace("30.5", "31"))
        self.assertCounts(again, changed=1, equal=2)
        self.assertIn(("Mail", "2026-01-06", 31, 0), self._spent())

    def test_a_column_for_each_channel(self):
        job = self._import(WIDE)
        self.assertIn("channel and the amount", job.question)
        job = self._import(WIDE, channels="tv; print")
        self.assertFalse(job.question)
        job.action_import()
        self.assertCounts(job, added=3)
        self.assertEqual(self._spent()[1:], [
            ("print", "2026-01-12", 7, 0),
            ("tv", "2026-01-12", 50.25, 0),
        ])  # fmt: skip
        job = self._imported(WIDE.replace("total", "sum"), channels="radio")
        self.assertEqual(job.state, "failed")
        self.assertIn("radio", job.error)

    def test_rows_that_are_no_spend(self):
        job = self._imported(
            "channel,day,amount,visits\n,2026-01-05,5,\nA,,5,\nA,2026-01-05,5,-1\n"
            "A,2026-01-05,5,1.5\nA,2026-01,5,\n"
        )
        self.assertEqual(sorted(self._reasons(job)), [2, 3, 4, 5])
        self.assertEqual(self._spent(), [("A", "2026-01-01", 5, 0)])

    def test_what_is_typed_stays_beside_what_is_imported(self):
        spend = self.env["kpi.bi.spend"]
        spend.create({"channel": "Ads", "day": "2026-01-05", "amount": 7})
        self._imported(SPEND)
        self.assertEqual(sum(amount for _c, _d, amount, _v in self._spent()), 207.5)
        with self.assertRaises(AccessError):
            spend.create({"channel": "Ads", "source": "imported"})
        for values in ({"channel": " "}, {"channel": "A", "amount": float("nan")}):
            with self.assertRaises(ValidationError):
                spend.create({"amount": 1, **values})

    def test_costs_of_analytic_accounts(self):
        root = self.env(su=True)
        plan = root["account.analytic.plan"].search([("parent_id", "=", False)])[0]
        self.company.sudo().kpi_bi_spend_plan_id = plan
        account = root["account.analytic.account"].create(
            {"name": "Fair", "plan_id": plan.id, "company_id": self.company.id}
        )
        line = root["account.analytic.line"].create(
            {
                "name": "Booth",
                plan._column_name(): account.id,
                "amount": -800,
                "date": "2026-01-07",
                "company_id": self.company.id,
            }
        )
        spend = root["kpi.bi.spend"]
        spend._refresh_analytic(self.company)
        found = self.env["kpi.bi.spend"].search([])
        self.assertEqual(self._spent(), [("Fair", "2026-01-07", 800, 0)])
        spend._refresh_analytic(self.company)
        self.assertEqual(self.env["kpi.bi.spend"].search([]), found)
        line.amount = -900
        spend._refresh_analytic(self.company)
        self.assertEqual(self._spent(), [("Fair", "2026-01-07", 900, 0)])
        self.company.sudo().kpi_bi_spend_plan_id = False
        spend._refresh_analytic(self.company)
        self.assertFalse(self._spent())

    def test_who_may_not_import(self):
        reader = new_test_user(
            self.env(su=True),
            "bi_reader",
            f"{OFFICER},{GROUP}_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        for target in ("kpi.import.spend", "kpi.import.touch"):
            with self.assertRaises(AccessError):
                self.env[target].with_user(reader)._check_may_import()


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestKpiBiTouch(MarketingCase):
    def test_nobody_is_named_and_the_file_is_gone(self):
        job = self._touched()
        self.assertCounts(job, added=6)
        touches = self.env["kpi.bi.touch"].search([], order="moment, id")
        self.assertEqual(
            touches.mapped("channel"), ["C1", "C2", "C3", "C1", "C2", "C3"]
        )
        self.assertEqual([one.amount for one in touches[1:4]], [False, 90, False])
        self.assertEqual(str(touches[4].moment), "2026-01-04 07:00:00")
        self.assertEqual(len({*touches.mapped("person")}), 3)
        self.env.flush_all()
        job.invalidate_recordset()
        self.assertFalse(job.file)
        self.assertFalse(job.check_page)
        attachments = self.env["ir.attachment"].sudo()
        own = [("res_model", "=", "kpi.import"), ("res_id", "=", job.id)]
        self.assertFalse(attachments.search([*own, ("res_field", "!=", False)]))
        for table in ("kpi_bi_touch", "kpi_import", "kpi_import_column"):
            self.env.cr.execute(f"SELECT t::text FROM {table} AS t")
            text = str(self.env.cr.fetchall())
            for person in ("anna", "bert", "carl"):
                self.assertNotIn(person, text, table)

    def test_the_same_file_again_and_another_company(self):
        self._touched()
        self.assertCounts(self._touched(), equal=6)
        again = self._touched(TOUCHES.replace(",90", ",95"))
        self.assertCounts(again, changed=1, equal=5)
        touches = self.env["kpi.bi.touch"]
        other = self.env["res.company"].sudo().create({"name": "Other"})
        one, two = (
            touches._hash_person(each)("anna") for each in (self.company, other)
        )
        self.assertNotEqual(one, two)

    def test_rows_that_are_no_touch(self):
        job = self._import(
            "person,time,channel,bought\n,2026-01-05,A,\nA,1/2/26,A,\nA,2026-01-05,,no\n"
            "A,2026-01-05,,yes\n",
            target_model="kpi.import.touch",
        )
        job.action_check()
        self.assertEqual(sorted(self._reasons(job)), [2, 3, 4])
        job.action_import()
        touch = self.env["kpi.bi.touch"].search([])
        self.assertEqual((touch.channel, touch.amount), ("", 0))
        with self.assertRaises(AccessError):
            touch.amount = 5

    def test_old_ones_go(self):
        self._touched()
        touches = self.env["kpi.bi.touch"]
        touches.sudo()._gc_old()
        self.assertEqual(touches.search_count([]), 6)
        self.company.sudo().kpi_bi_touch_days = 7
        self.env.flush_all()
        touches.sudo()._gc_old()
        self.assertEqual(touches.search_count([]), 2)
