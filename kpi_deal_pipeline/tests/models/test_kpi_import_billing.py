import base64

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from odoo.addons.kpi_base.engine.tabular import find_header, open_table

from ..commission_case import CommissionCase
from ..deal_case import GROUP

TITLES = "deal,number,invoice date,type,untaxed amount,margin,currency"
OFFICER = "kpi_base.kpi_base_group_officer"


@tagged("post_install", "-at_install")
class TestKpiImportBilling(CommissionCase):
    """Billings from a file, and the commissions that follow them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer = cls._importer("admin")
        cls.plan = cls._plan("percentage", rate=0.1, accrual="paid")
        cls.deals = [
            cls._won(1000.0, external_ref="D1"),
            cls._won(1000.0, external_ref="D2", agent_id=cls.other.id),
        ]

    @classmethod
    def _importer(cls, role):
        return new_test_user(
            cls.env,
            f"billing-{role}",
            groups=f"base.group_user,{OFFICER},{GROUP}{role}",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _import(self, *rows, user=None):
        content = "\n".join([TITLES, *rows]).encode()
        job = (
            self.env["kpi.import"]
            .with_user(user or self.importer)
            .create(
                {
                    "file": base64.b64encode(content),
                    "file_name": "billings.csv",
                    "target_model": "kpi.import.billing",
                    "company_id": self.company.id,
                }
            )
        )
        job.action_read()
        self.assertFalse(job.question)
        return job

    def _imported(self, *rows, user=None):
        job = self._import(*rows, user=user)
        job.action_import()
        return job

    def _counts(self, job):
        return job.added_count, job.changed_count, job.equal_count, job.refused_count

    def _reasons(self, job):
        table = open_table(base64.b64decode(job.refused_file))
        header = find_header(table.rows())
        return [row.cells[-1] for row in table.rows() if row.number > header.number]

    def _billed(self):
        return [
            [(bill.billing_type, bill.amount_untaxed) for bill in deal.billing_ids]
            for deal in self.deals
        ]

    def test_a_check_says_which_deal_each_row_goes_to(self):
        job = self._imported(
            "D1,INV/1,2026-02-03,Invoice,1000,,", "none,INV/2,2026-02-03,Invoice,1,,"
        )
        (row,) = job.check_page["accepted"]
        self.assertEqual(row["record"], self.deals[0].title)
        (row,) = job.check_page["refused"]
        self.assertEqual(row["reason"], "Deal “none”: not found.")

    def test_rows_become_billings_and_commissions_follow(self):
        first, second = self.deals
        self._confirm(first.commission_ids)
        job = self._imported(
            "D1,RINV/1,2026-03-01,Credit note,-100,,",  # before what came in
            "D1,INV/1,2026-02-03,Invoice,1000,250.5,EUR",
            "D1,PAY/1,2026-02-20,Payment,400,,",
            f"{second.uuid},INV/2,2026-02-03,,500,,",
        )
        self.assertEqual(self._counts(job), (4, 0, 0, 0), job.error)
        self.env.invalidate_all()  # the latest first, as the next request reads them
        self.assertEqual(
            self._billed(),
            [
                [("refund", 100.0), ("payment", 400.0), ("invoice", 1000.0)],
                [("invoice", 500.0)],
            ],
        )
        invoice = first.billing_ids[-1]
        self.assertEqual((invoice.margin, invoice.reference), (250.5, "INV/1"))
        commission = first.commission_ids
        # 40% of 100 fell due; a tenth of the deal was given back.
        self.assertEqual(commission.accrual_ids.amount, 40.0)
        self.assertEqual(commission.net_amount, 90.0)

    def test_the_same_file_again_changes_nothing(self):
        rows = ("D1,INV/1,2026-02-03,Invoice,1000,,", "D2,INV/2,2026-02-03,,500.10,,")
        self._imported(*rows)
        self.assertEqual(self._counts(self._imported(*rows)), (0, 0, 2, 0))
        job = self._imported(rows[0], "D2,INV/2,2026-02-04,,500.10,,")
        self.assertEqual(self._counts(job), (0, 1, 1, 0))
        self.assertEqual(str(self.deals[1].billing_ids.date), "2026-02-04")

    def test_bad_rows_come_back_with_their_reasons(self):
        job = self._imported(
            "D9,INV/1,2026-02-03,Invoice,1000,,",
            "D1,,2026-02-03,Invoice,1000,,",
            "D1,INV/3,,Invoice,1000,,",
            "D1,INV/4,2026-02-03,Invoice,-1000,,",
            "D1,INV/5,2026-02-03,Invoice,1e16,,",
            "D1,INV/6,2026-02-03,Invoice,5,6,",
            "D1,INV/7,2026-02-03,Invoice,5,,USD",
            "D1,INV/8,2026-02-03,Gift,5,,",
            "D1,INV/9,2026-02-03,Invoice,5,,",
            "D1,INV/9,2026-02-03,Invoice,6,,",
            "D1,RINV/1,2026-02-04,Refund,60,,",
            "D1,RINV/2,2026-02-05,Refund,50,,",
            "D1,INV/10,2026-02-03,Invoice,100,,",
        )
        expected = (
            "Deal “D9”: not found.",
            "“Document number” is empty",
            "“Date” is empty",
            "amount -1000.0",
            "amount 1e+16",
            "The margin 6.0",
            "The deal's currency is EUR",
            "Gift",
            "is a duplicate",
            "is a duplicate",
            "refunds of 110.00",
        )
        self.assertEqual(self._counts(job), (2, 0, 0, 11))
        for reason, words in zip(self._reasons(job), expected, strict=True):
            self.assertIn(words, reason)

    def test_amounts_in_another_currency_than_the_deal_are_refused(self):
        dollars = self._won(1000.0, external_ref="D3", currency_id=self.dollar.id)
        job = self._imported(
            "D3,INV/1,2026-02-03,Invoice,100 USD,$20,",
            "D3,INV/2,2026-02-03,Invoice,100 EUR,20 €,",
            "D1,INV/3,2026-02-03,Invoice,100 €,,",
            "D1,INV/4,2026-02-03,Invoice,100 USD,,USD",
            "D1,,,Invoice,100 %,,",
        )
        self.assertEqual(self._counts(job), (2, 0, 0, 3))
        self.assertEqual(dollars.billing_ids.mapped("amount_untaxed"), [100.0])
        self.assertEqual(
            self._reasons(job),
            [
                "100.00 is in EUR, not in USD. Convert the value. "
                "20.00 is in €, not in USD. Convert the value.",
                "The deal's currency is EUR, not USD. "
                "100.00 is in USD, not in EUR. Convert the value.",
                "“Document number” is empty in this row. “Date” is empty in this row. "
                "100.00 is in %, not in EUR. Convert the value.",
            ],
        )

    def test_refused_refunds_cost_at_most_twice_good_ones(self):
        invoice = "D1,INV/1,2026-02-03,Invoice,1000,,"
        statements = []
        for amount in (1, 1, 2_000):
            refunds = (
                f"D1,RINV/{number},2026-02-04,Refund,{amount},,"
                for number in range(100)
            )
            job = self._import(invoice, *refunds)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            job.action_check()
            statements.append(self.env.cr.sql_log_count - before)
        self.assertEqual((job.accepted_count, job.refused_count), (1, 100))
        self.assertLessEqual(statements[2], 2 * statements[1])

    def test_payments_that_cover_a_refund_together_are_accepted(self):
        rows = ("D1,INV/1,2026-02-03,Invoice,1000,,", "D1,R/1,2026-02-04,Refund,600,,")
        self._imported(*rows)
        payments = [f"D1,PAY/{n},2026-02-05,Payment,400,," for n in (1, 2)]
        self.assertEqual(self._counts(self._imported(*payments)), (2, 0, 0, 0))

    def test_a_billing_that_commissions_were_booked_with_stays(self):
        self._confirm(self.deals[0].commission_ids)
        rows = (
            "D1,INV/1,2026-02-03,Invoice,1000,,",
            "D1,PAY/1,2026-02-20,Payment,400,,",
        )
        self._imported(*rows)
        job = self._imported(rows[0], "D1,PAY/1,2026-02-20,Payment,500,,")
        self.assertEqual(self._counts(job), (0, 0, 1, 1))
        self.assertIn("has booked commissions", self._reasons(job)[0])

    def test_managers_bill_the_deals_they_lead_and_agents_none(self):
        self.deals[1].team_id = False
        leader = self._importer("manager")
        self.team.user_id = leader
        job = self._imported(
            "D1,INV/1,2026-02-03,,5,,", "D2,INV/2,2026-02-03,,5,,", user=leader
        )
        self.assertEqual(self._counts(job), (1, 0, 0, 1))
        self.assertEqual(self._reasons(job), ["Deal “D2”: not found."])
        with self.assertRaises(AccessError):
            self._imported("D1,INV/3,2026-02-03,,5,,", user=self._importer("agent"))
