"""Odd purchases, customers who are forgotten, and runs that were cut off."""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.tests.common import run_cron

from .purchase_case import PurchaseCase
from .test_kpi_bi_analysis import GROUP, AnalysisCase

REFUNDED = """customer,date,amount
more back,2025-01-10,50
more back,2025-02-10,-80
only back,2025-02-11,-20
usual,2025-03-01,100
usual,2025-04-01,60
usual,2025-05-09,-60
usual,2025-06-01,40
usual,2025-06-01,-40
"""


@tagged("post_install", "-at_install")
@freeze_time("2026-01-10 12:00:00")
class TestOddPurchases(AnalysisCase):
    def _result(self, name):
        return self.env["kpi.bi.result"]._find_latest(self.company, name)._get_figures()

    def _customer(self, reference):
        return self.env["kpi.bi.customer"].search([("reference", "=", reference)])

    def test_refunds_above_sales(self):
        self._imported(REFUNDED)
        self._run()
        # what was given back wholly is no purchase; nothing is known without one
        for name in ("more back", "only back"):
            self.assertIs(self._customer(name).frequency, False)
        usual = self._customer("usual")
        self.assertEqual((usual.frequency, usual.monetary), (1, 100))
        self.assertEqual(str(usual.last_date), "2025-03-01")
        segments = self._result("customers")["segments"]
        self.assertEqual(sum(one["revenue"] for one in segments.values()), 100)
        cohorts = self._result("cohorts")
        self.assertEqual(cohorts["months"], ["2025-03"])
        self.assertEqual(cohorts["customers"][0][:3], [1, 0, 0])
        # revenue is that of the days on which it came and went
        self.assertEqual(cohorts["revenue"][0][:3], [100, 60, -60])
        customers = self.env["kpi.bi.customer"]
        for number, count in ((0, 1), (1, 0)):
            domain = customers.open_cohort(self.company.id, "2025-03-01", number)
            self.assertEqual(customers.search_count(domain["domain"]), count)

    def test_new_customers_are_those_who_did_not_give_all_back(self):
        self._imported(REFUNDED)
        self._run()
        kpi = self.env["kpi.gallery.kpi"].search(
            [("code", "=", "customer_acquisition")]
        )
        kpi._turn_on()
        source = self.env["kpi.source"].sudo()
        source._recompute_all(date(2025, 1, 1), date(2025, 3, 31))
        facts = self.env["kpi.measurement"].search(
            [
                ("report_id.definition_id.code", "=", "customer_acquisition"),
                ("report_id.company_id", "=", self.company.id),
                ("grain", "=", "month"),
            ],
            order="period_start",
        )
        values = dict(
            zip(facts.mapped("period_start"), facts.mapped("value"), strict=True)
        )
        months = [values.get(date(2025, month, 1), 0) for month in (1, 2, 3)]
        self.assertEqual(months, [0, 0, 1])

    def test_a_file_of_customers_names_none_and_is_logged(self):
        self._imported(REFUNDED)
        self._run()
        customer = self._customer("usual")
        self.officer.sudo().group_ids += self.env.ref("base.group_allow_export")
        names = ["display_name", "monetary"]
        rows = customer.export_data(names)["datas"]
        self.assertEqual(rows, [[f"Customer {customer.id}", 100]])
        line = self.env["kpi.bi.purchase.line"].search([("amount", "=", 100)])
        rows = line.export_data(["customer_id", "amount"])["datas"]
        self.assertEqual(rows, [[f"Customer {customer.id}", 100]])
        self.assertEqual(customer.display_name, "usual")
        # who wants names asks for them
        self.assertEqual(customer.export_data(["reference"])["datas"], [["usual"]])
        logged = self.env["kpi.audit.log"].sudo()
        entries = logged.search([("event_type", "=", "customers_exported")], limit=3)
        self.assertEqual(len(entries), 3)
        self.assertIn('"columns":["reference"]', entries[0].text)

    def test_margins_in_files_and_mails_are_for_their_group(self):
        self._imported(
            REFUNDED.replace("amount", "amount,margin").replace("0\n", "0,5\n")
        )
        spent = {"channel": "Ads", "day": "2025-03-01", "amount": 10}
        self.env["kpi.bi.spend"].create({"company_id": self.company.id, **spent})
        self._run()
        tile = {"kind": "ranges", "name": "Channels", "bi_analysis": "acquisition"}
        values = {"name": "Board", "tile_ids": [(0, 0, tile)]}
        dashboard = self.env["kpi.dashboard"].create(values)

        def mailed():
            """The dashboard, which shows no KPI, as the officer's mail."""
            schedules = self.env["kpi.dashboard.schedule"].with_user(self.officer)
            return schedules._send_once(dashboard, self.officer).sudo().body

        self.assertIn("Payback (months)", mailed())
        self.officer.sudo().group_ids += self.env.ref("base.group_allow_export")
        self.assertEqual(
            self._customer("usual").export_data(["margin"])["datas"], [[15]]
        )
        self.officer.sudo().group_ids -= self.env.ref(f"{GROUP}_margin")
        self.assertIn("Customer acquisition cost", mailed())
        self.assertNotIn("Payback (months)", mailed())
        for model in ("kpi.bi.customer", "kpi.bi.purchase", "kpi.bi.purchase.line"):
            with self.assertRaises(AccessError):
                self.env[model].search([], limit=1).export_data(["margin"])

    def test_a_customer_who_is_forgotten_has_no_name(self):
        self._imported(REFUNDED)
        self._run()
        customer, figures = self._customer("usual"), self._result("customers")
        with self.assertRaises(AccessError):
            customer.action_forget()
        self.officer.sudo().group_ids += self.env.ref(f"{GROUP}_admin")
        customer.action_forget()
        self.assertEqual(customer.display_name, f"Customer {customer.id}")
        self.assertEqual((customer.monetary, customer.frequency), (100, 1))
        self._run()
        self.assertEqual(self._result("customers"), figures)
        log = self.env["kpi.audit.log"].sudo()
        (entry,) = log.search([("event_type", "=", "customer_forgotten")])
        self.assertEqual(entry.res_id, customer.id)
        self.assertNotIn("usual", entry.text)

    def test_a_cohort_of_one(self):
        self._imported("customer,date,amount\nalone,2025-10-05,10\n")
        self._run()
        cohorts = self._result("cohorts")
        self.assertEqual((cohorts["months"], cohorts["sizes"]), (["2025-10"], [1]))
        self.assertEqual(cohorts["customers"], [[1, 0, 0]])
        self.assertEqual(self._customer("alone").segment, "new")
        self.assertIs(self._customer("alone").monetary_class, False)

    def test_a_run_that_was_cut_off_goes_on(self):
        self._imported(REFUNDED)
        jobs = self.env["kpi.job"].sudo()
        job, done = jobs._enqueue_bi(self.company), []
        analyses = self.registry["kpi.bi.analysis"]
        run = analyses._run_analysis

        def note(model, name, company, **options):
            done.append(name)
            return run(model, name, company, **options)

        # as a worker that was killed leaves it: two steps are committed
        job.write({"state": "running", "step_done_count": 2})
        with patch.object(analyses, "_run_analysis", note):
            run_cron(self, "kpi_base.kpi_job_cron")
        self.assertEqual(job.state, "done", job.error)
        self.assertEqual(done, self.env["kpi.bi.analysis"]._list_analyses()[2:])


@tagged("post_install", "-at_install")
class TestForgottenPartners(PurchaseCase):
    def test_a_partner_who_is_made_anonymous_leaves_the_sums(self):
        self._invoice(amount=100)
        self._refresh()
        before = self._rows("customer_id", "amount")
        # Odoo keeps partners of posted invoices: who is to be forgotten gets no name
        self.partner_a.write({"name": "Anonymous", "active": False, "email": False})
        self._refresh(with_lines=True)
        self.assertEqual(self._rows("customer_id", "amount"), before)
        (customer, _amount) = before[0]
        self.assertEqual(customer.display_name, "Anonymous")

    def test_what_is_known_of_another_company_stays_there(self):
        self._invoice(amount=100)
        self._refresh()
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self.purchases._refresh(other, with_lines=True), [])
        self.assertFalse(len(self.purchases._read_purchases(other).customers))
        analyses = self.env["kpi.bi.analysis"].sudo()
        for name in analyses._list_analyses():
            analyses._run_analysis(name, other)
        results = self.env["kpi.bi.result"].sudo()
        self.assertFalse(
            results._find_latest(other, "cohorts")._get_figures()["months"]
        )
        stranger = self._user("stranger", "analyst", "margin")
        stranger.sudo().write({"company_ids": other.ids, "company_id": other.id})
        for model in ("kpi.bi.purchase", "kpi.bi.customer", "kpi.bi.result"):
            own = [("company_id", "=", self.company.id)]
            records = self.env[model].with_user(stranger).with_company(other)
            with self.subTest(model=model):
                self.assertFalse(records.search(own))
        opened = (
            self.env["kpi.bi.customer"]
            .with_user(stranger)
            .with_company(other)
            .open_cohort(self.company.id, "2026-03-01", 0)
        )
        self.assertFalse(self.env["kpi.bi.customer"].sudo().search(opened["domain"]))
