from datetime import datetime

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tools import mute_logger

from ..deal_case import DealCase


class TestKpiDeal(DealCase):
    def test_values_that_cannot_be_are_refused(self):
        cases = [
            ({"estimated_value_amount": -1.0}, IntegrityError),
            ({"estimated_value_amount": 1e16}, IntegrityError),
            ({"confidence": 1.5}, IntegrityError),
            ({"confidence": -0.1}, IntegrityError),
            ({"currency_id": 2**31 - 1}, IntegrityError),  # unknown
            ({"title": "  "}, ValidationError),
            ({"opened_at": datetime(2999, 1, 1)}, UserError),
            ({"actual_close_date": "2026-02-01"}, UserError),  # open, but closed
            (
                {"pipeline_stage": "closed_won", "actual_close_date": "2026-01-01"},
                UserError,
            ),  # before it was opened
            ({"pipeline_stage": "closed_lost"}, UserError),  # no reason
        ]
        for values, error in cases:
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(error),
                self.cr.savepoint(),
            ):
                self._deal(**values)
                self.env.flush_all()

    def test_a_property_stays_in_the_company_of_its_deals(self):
        quay = self.env["kpi.deal.property"].create({"name": "Quay 7"})
        deal = self._deal(property_id=quay.id)
        far = self.env["res.company"].create({"name": "Far"})
        deal.active = False
        with self.assertRaisesRegex(ValidationError, "cannot change company"):
            with self.cr.savepoint():
                quay.company_id = far
        deal.property_id = False
        quay.company_id = far
        self.assertEqual(quay.company_id, far)

    def test_deals_of_one_title_are_told_apart_where_they_are_found(self):
        self._deal("Zebra")
        self._deal("Zebra", partner_id=self.customer.id)
        rows = self.env["kpi.findable.mixin"].with_user(self.agent).find_by_name("zeb")
        names = [row["name"] for row in rows if row["model"] == "kpi.deal"]
        self.assertEqual(sorted(names), ["Zebra", f"Zebra – {self.customer.name}"])

    def test_of_many_deals_each_stays_in_its_company(self):
        far = self.env["res.company"].create({"name": "Far"})
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "company_id": far.id}
        )
        deal = self._deal(partner_id=self.customer.id).copy_data()[0]
        with self.assertRaisesRegex(UserError, "Stranger"), self.cr.savepoint():
            deal["opened_at"] = datetime(2026, 1, 5, 9)
            self.env["kpi.deal"].create([deal, {**deal, "partner_id": stranger.id}])

    def test_what_is_no_number_is_refused_by_name(self):
        deal = self._deal()
        for values in (
            {"confidence": float("nan")},
            {"confidence": float("inf")},
            {"estimated_value_amount": float("nan")},
            {"estimated_value_amount": float("-inf")},
            {"confidence": "half"},
        ):
            with self.subTest(values):
                with self.assertRaisesRegex(ValidationError, "not a finite number"):
                    self._deal(**values)
                with self.assertRaisesRegex(ValidationError, "Quay 7, .*finite"):
                    deal.write(values)

    def test_metadata_that_json_cannot_hold_is_refused(self):
        deal = self._deal()
        for metadata in (
            {"a": [1.5, {"b": float("nan")}]},
            {"a": "\x00"},
            {"a": "x" * 20_000},
            ["a"],
        ):
            with (
                self.subTest(metadata),
                self.assertRaisesRegex(ValidationError, "Quay 7: metadata"),
            ):
                deal.write({"metadata": metadata})
        deal.write({"metadata": {"a": [1.5, {"b": None}], "ü": "é"}})

    def test_an_amount_of_zero_is_a_deal_without_estimate(self):
        deal = self._deal(estimated_value_amount=0.0)
        self.assertEqual((deal.company_amount, deal.is_unpriced), (0.0, False))

    def test_a_currency_of_three_decimals_has_a_lower_limit(self):
        dinar = self.env["res.currency"].with_context(active_test=False)
        dinar = dinar.search([("name", "=", "KWD")])
        dinar.active = True
        with self.assertRaisesRegex(ValidationError, "100,000,000,000 KWD"):
            self._deal(currency_id=dinar.id, estimated_value_amount=2e11)

    def test_revenue_shares_add_up_to_the_whole(self):
        deal = self._deal()
        with self.assertRaisesRegex(ValidationError, "99.99%"):
            deal.split_ids = [
                Command.create({"agent_id": user.id, "share_percent": share})
                for user, share in ((self.agent, 60.0), (self.other, 39.99))
            ]
            self.env.cr.flush()

    def test_shares_change_together(self):
        deal = self._deal()
        deal.split_ids = [
            Command.create({"agent_id": user.id, "share_percent": 50.0})
            for user in (self.agent, self.other)
        ]
        self.env.cr.flush()
        first, second = deal.split_ids
        deal.split_ids = [
            Command.update(first.id, {"share_percent": 60.0}),
            Command.update(second.id, {"share_percent": 40.0}),
        ]
        self.env.cr.flush()
        self.assertEqual(
            self._revenue_shares(deal),
            {"deal-agent": "60.0000", "deal-other": "40.0000"},
        )

    def _revenue_shares(self, deal, day=None):
        """Login → share of the agents whom the deal is parted among on a day."""
        return {
            agent.login: str(weights[own])
            for agent, rule, weights, own, _ in deal._credits_on(day, deal.agent_id)
            if rule == "plan"
        }

    def test_overlays_are_beside_the_whole(self):
        deal = self._deal()
        deal.split_ids = [
            Command.create(
                {
                    "agent_id": self.other.id,
                    "share_percent": 30.0,
                    "split_type": "overlay",
                }
            )
        ]
        self.env.cr.flush()
        self.assertEqual(list(self._revenue_shares(deal)), [self.agent.login])

    def test_dated_shares_hold_from_their_day_on(self):
        deal = self._deal()
        deal.split_ids = [
            Command.create(
                {
                    "agent_id": self.agent.id,
                    "share_percent": 100.0,
                    "date_to": "2026-03-01",
                }
            ),
            *(
                Command.create(
                    {
                        "agent_id": user.id,
                        "share_percent": 50.0,
                        "date_from": "2026-03-01",
                    }
                )
                for user in (self.agent, self.other)
            ),
        ]
        self.env.cr.flush()
        day = deal.split_ids[-1].date_from
        self.assertEqual(len(self._revenue_shares(deal, day)), 2)
        before = day.replace(month=2)
        self.assertEqual(len(self._revenue_shares(deal, before)), 1)

    def test_a_document_is_attached_or_kept_somewhere(self):
        deal = self._deal()
        documents = self.env["kpi.deal.document"]
        for values in ({}, {"uri": "javascript:alert(1)"}):
            with self.assertRaises(ValidationError):
                documents.create({"deal_id": deal.id, "title": "Offer", **values})
        offer = documents.create(
            {"deal_id": deal.id, "title": "Offer", "file": b"aGVsbG8="}
        )
        self.assertEqual(
            offer.checksum,  # sha256sum of “hello”
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        )

    def test_stages_come_in_their_order_in_pivots_and_graphs(self):
        stages = ("proposal", "agreement", "lead_captured", "negotiation")
        for stage in stages:
            self._deal(pipeline_stage=stage)
        self._deal(pipeline_stage="closed_won")
        deals = self.env["kpi.deal"]
        mine = [("company_id", "=", self.company.id)]
        ordered = [
            "lead_captured",
            "proposal",
            "negotiation",
            "agreement",
            "closed_won",
        ]
        for groupby in (["pipeline_stage"], ["company_id", "pipeline_stage"]):
            rows = deals.formatted_read_group(mine, groupby, ["__count"])
            found = [row["pipeline_stage"] for row in rows]
            self.assertEqual(found, ordered)
        (rows,) = deals.formatted_read_grouping_sets(
            mine, [["pipeline_stage"]], ["__count"]
        )
        self.assertEqual([row["pipeline_stage"] for row in rows], ordered)

    def test_similar_deals_are_found(self):
        deal = self._deal(partner_id=self.customer.id)
        same = self._deal("Quay seven", partner_id=self.customer.id)
        lease = self._deal("Lease", partner_id=self.customer.id, deal_type="lease")
        self.assertEqual(deal.duplicate_ids, same)
        self.assertFalse(lease.duplicate_ids)
        same.pipeline_stage = "closed_won"
        deal.invalidate_recordset()
        self.assertFalse(deal.duplicate_ids)

    def test_a_contact_of_a_partner_becomes_an_agent_who_cannot_log_in(self):
        answer = self.customer.action_make_deal_agent()
        self.assertIn(self.customer.name, answer["params"]["message"])
        user = self.customer.user_ids
        self.assertTrue(user.share)
        self.env.cr.execute("SELECT password FROM res_users WHERE id = %s", [user.id])
        self.assertFalse(self.env.cr.fetchone()[0])
        self.assertEqual(self._deal(agent_id=user.id).agent_id, user)
        with self.assertRaises(UserError):
            self.customer.action_make_deal_agent()
