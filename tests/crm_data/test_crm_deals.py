"""The public opportunities as deals: imported by the steps of docs/deals.md."""

import base64

import numpy as np
import pandas as pd
import pytest
from crm_files import DATA, read_agents, read_deals, read_reference

from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged

GROUPS = (
    "base.group_partner_manager",
    "kpi_base.kpi_base_group_officer",
    "kpi_deal_pipeline.kpi_deal_pipeline_group_admin",
)
# Of what an agent wins in a quarter: up to an amount, share
TIERS = ((20_000, 0.05), (60_000, 0.08), (np.inf, 0.12))
TABLES = ("agent_deal_stage_events", "agent_commission_records", "audit_logs")
LAST = "id = (SELECT max(id) FROM agent_deal_stage_events WHERE deal_id = %(deal)s)"
OTHER = "event.deal_id = other.deal_id AND event.id <> other.id"
# What somebody does to a won deal by SQL, and what of the log it contradicts
TAMPERING = (
    (
        f"UPDATE agent_deal_stage_events SET to_stage = 'closed_lost' WHERE {LAST}",
        "row",
    ),
    (f"DELETE FROM agent_deal_stage_events WHERE {LAST}", "row"),
    (
        "UPDATE agent_deal_stage_events AS event SET effective_at = other.effective_at"
        f" FROM agent_deal_stage_events AS other WHERE {OTHER}"
        " AND event.deal_id = %(deal)s",
        "row",
    ),
    (
        "UPDATE agent_commission_records SET commission_amount = commission_amount + 1"
        " WHERE deal_id = %(deal)s",
        "row",
    ),
    (
        "UPDATE audit_logs SET text = replace(text, 'closed_won', 'closed_lost')"
        " WHERE model = 'kpi.deal' AND res_id = %(deal)s AND seq = 2",
        "changed",
    ),
)


def commissions_by_pandas(won):
    """What a deal adds to what its agent's quarter is worth by the tiers.

    :param won: rows of deals with ``agent``, ``closed``, ``id`` and ``value``
    """
    won = won.sort_values(["closed", "id"])
    until = won.groupby([won.agent, won.closed.dt.to_period("Q")]).value.cumsum()

    def worth(total):
        paid, low = 0.0, 0
        for high, rate in TIERS:
            paid = paid + (total.clip(low, high) - low) * rate
            low = high
        return paid

    return (worth(until) - worth(until - won.value)).round(2)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestCrmDeals(TransactionCase):
    """On the last day of 2017, when the last deals of the files were closed."""

    freeze_time = freeze_time("2017-12-31 12:00:00", tick=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "kpi.deal" not in cls.env:
            cls.skipTest(cls, "kpi_deal_pipeline is not installed")
        cls.company = cls.env["res.company"].create(
            {"name": "Hardware", "currency_id": cls.env.ref("base.USD").id}
        )
        importer = new_test_user(
            cls.env,
            "crm-importer",
            groups=",".join(GROUPS),
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.env = cls.env(
            user=importer,
            context={
                "allowed_company_ids": cls.company.ids,
                "tracking_disable": True,
            },
        )
        cls.files = read_deals()
        cls.job = cls._imported()
        cls.deals = cls._table()

    @classmethod
    def _imported(cls):
        """Upload, match, check, import, as the page says."""
        job = cls.env["kpi.import"].create(
            {
                "file": base64.b64encode((DATA / "sales_pipeline.csv").read_bytes()),
                "file_name": "sales_pipeline.csv",
                "target_model": "kpi.import.deal",
                "target_options": {"creates_agents": True, "creates_partners": True},
            }
        )
        job.action_read()
        assert not job.question, job.question
        # More rows than a request imports at once: what the cron does with them
        job._check_answered()
        job._run()
        return job

    @classmethod
    def _table(cls):
        """The deals as they are in Odoo, by the reference of the file."""
        names = (
            "external_ref",
            "agent_id",
            "partner_id",
            "status",
            "pipeline_stage",
            "opened_at",
            "stage_since",
            "actual_close_date",
            "company_amount",
        )
        rows = cls.env["kpi.deal"].search_read(
            [("company_id", "=", cls.company.id)], names
        )
        table = pd.DataFrame(rows).set_index("external_ref")
        table["agent"] = [agent[1].split(", ")[-1] for agent in table.agent_id]
        table["closed"] = pd.to_datetime(table.actual_close_date.replace(False, pd.NaT))
        return table

    def test_every_row_is_a_deal(self):
        self.assertEqual(self.job.state, "done", self.job.error)
        self.assertEqual(self.job.added_count, len(self.files))
        self.assertEqual(self.job.refused_count, 0)
        self.assertEqual(set(self.deals.index), set(self.files.index))

    def test_agents_and_accounts_are_those_of_the_files(self):
        found = self.deals.agent
        self.assertTrue((found == self.files.agent.loc[found.index]).all())
        accounts = self.files.account.dropna()
        names = self.deals.partner_id.loc[accounts.index].map(lambda each: each[1])
        self.assertTrue((names == accounts).all())
        # opportunities without an account stay without a counterparty
        rest = self.deals.partner_id.drop(accounts.index)
        self.assertFalse(rest.astype(bool).any())
        known = set(read_agents().agent)
        self.assertLessEqual(set(found), known)

    def test_totals_are_the_published_ones(self):
        reference = read_reference()
        won = self.deals[self.deals.status == "closed_won"]
        decided = self.deals[self.deals.closed.notna()]
        self.assertEqual(won.company_amount.sum(), reference["won_value"])
        self.assertAlmostEqual(len(won) / len(decided), reference["win_rate"], places=6)
        cycle = (decided.stage_since - decided.opened_at).dt.total_seconds() / 86400
        self.assertAlmostEqual(
            cycle.mean(), reference["avg_cycle_days_closed"], places=4
        )

    def test_win_rate_cycle_and_value_per_agent_and_quarter(self):
        decided = self.deals[self.deals.closed.notna()]
        found = pd.DataFrame(
            {
                "agent": decided.agent,
                "quarter": decided.closed.dt.to_period("Q"),
                "is_won": decided.status == "closed_won",
                "days": (decided.stage_since - decided.opened_at).dt.days,
                "value": decided.company_amount.where(
                    decided.status == "closed_won", 0.0
                ),
            }
        )
        closed = self.files[self.files.closed.notna()]
        expected = pd.DataFrame(
            {
                "agent": closed.agent,
                "quarter": closed.closed.dt.to_period("Q"),
                "is_won": closed.stage == "Won",
                "days": (closed.closed - closed.opened).dt.days,
                "value": closed.value.where(closed.stage == "Won", 0.0),
            }
        )
        measures = {"is_won": "mean", "days": "median", "value": "sum"}
        groups = [
            table.groupby(["agent", "quarter"]).agg(measures)
            for table in (found, expected)
        ]
        pd.testing.assert_frame_equal(*groups, check_dtype=False)
        self.assertGreater(len(groups[0]), 100)

    def test_the_history_of_all_deals_is_whole(self):
        deals = (
            self.env["kpi.deal"].sudo().search([("company_id", "=", self.company.id)])
        )
        self.assertEqual(self.env["kpi.audit.log"].sudo()._verify(deals), [])
        events = self.env["kpi.deal.stage.event"].sudo()
        count = events.search_count([("deal_id", "in", deals.ids)])
        decided = int(self.files.closed.notna().sum())
        self.assertEqual(count, len(self.files) + decided)

    def test_win_probability_is_judged_as_pandas_judges_it(self):
        """All deals of the files are closed from the first stage."""
        models = self.env["kpi.deal.win.model"].sudo()
        model = models._learn(self.company)
        scores = {row.judge: row for row in model.judge_ids}
        looks = self._looks()
        ends = looks.drop_duplicates("deal").decided
        cut = int(ends.quantile(0.75, interpolation="higher"))
        known = looks[looks.decided < cut].drop_duplicates("deal")
        later = looks[looks.day >= cut]
        prior = self.env["kpi.deal.stage"]._win_rates()["lead_captured"]
        rate = (known.is_won.sum() + 10 * prior) / (len(known) + 10)
        norm = scores["stage_norm"]
        self.assertEqual(model.deal_count, looks.deal.nunique())
        self.assertEqual(norm.forecast_count, len(later))
        self.assertEqual(norm.deal_count, later.deal.nunique())
        brier = ((rate - later.is_won) ** 2).mean()
        self.assertAlmostEqual(norm.brier_score, brier, 4)
        if model.reason != "no_library":
            self.assertEqual(model.basis, "calibrated")
            self.assertLess(scores["calibrated"].brier_score, norm.brier_score)

    def _looks(self):
        """A row per decided deal and Thursday on which it was open."""
        decided = self.deals[self.deals.closed.notna()]
        opened, closed = (
            (pd.to_datetime(decided[name]) - pd.Timestamp(0)) / pd.Timedelta(days=1)
            for name in ("opened_at", "stage_since")
        )
        weeks = [
            range(-int(-first // 7) * 7, -int(-last // 7) * 7, 7)
            for first, last in zip(opened, closed, strict=True)
        ]
        table = pd.DataFrame(
            {
                "deal": decided.index,
                "decided": closed.to_numpy(),
                "is_won": (decided.status == "closed_won").to_numpy(),
                "day": weeks,
            }
        )
        return table.explode("day").dropna(subset="day").astype({"day": int})

    def test_the_same_file_again_changes_nothing(self):
        again = self._imported()
        counts = again.added_count, again.changed_count, again.equal_count
        self.assertEqual(counts, (0, 0, len(self.files)))

    def _activate_plan(self):
        plan = (
            self.env["kpi.commission.plan"]
            .sudo()
            .create(
                {
                    "name": "Tiers",
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "date_from": "2017-01-01",
                    "computation": "marginal",
                    "period": "quarter",
                    "tier_ids": [
                        Command.create(
                            {
                                "amount_from": low,
                                "amount_to": 0 if high == np.inf else high,
                                "rate": rate,
                            }
                        )
                        for low, (high, rate) in zip(
                            (0, *(high for high, _rate in TIERS)), TIERS, strict=False
                        )
                    ],
                }
            )
        )
        plan.action_activate()

    def test_commissions_by_tiers_equal_pandas_and_tampering_is_named(self):
        self._activate_plan()
        won = self.deals[self.deals.status == "closed_won"]
        expected = commissions_by_pandas(won.assign(value=won.company_amount))
        rows = (
            self.env["kpi.commission"]
            .sudo()
            .search_read(
                [("company_id", "=", self.company.id)],
                ["deal_id", "agent_id", "commission_amount"],
            )
        )
        found = pd.DataFrame(rows).set_index(
            pd.Index([row["deal_id"][0] for row in rows], name="id")
        )
        self.assertEqual(len(found), len(won))
        by_deal = expected.set_axis(won.id.loc[expected.index]).sort_index()
        pd.testing.assert_series_equal(
            found.commission_amount.round(2).sort_index(),
            by_deal,
            check_names=False,
            check_exact=True,
        )
        agents = found.agent_id.map(lambda agent: agent[0])
        owners = won.set_index("id").agent_id.map(lambda agent: agent[0])
        self.assertTrue((agents.sort_index() == owners.sort_index()).all())
        self._check_tampering(int(won.id.iloc[0]))

    def _check_tampering(self, deal_id):
        """All of the log is whole; what is changed by hand is named, and no other."""
        log = self.env["kpi.audit.log"].sudo()
        self.env.flush_all()
        self.assertEqual(log._verify(), [])
        deals = self.env["kpi.deal"].sudo().browse(self.deals.id.iloc[:500].tolist())
        deals |= deals.browse(deal_id)
        for statement, kind in TAMPERING:
            with self.subTest(statement), self.cr.savepoint() as savepoint:
                for table in TABLES:
                    self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                self.cr.execute(statement, {"deal": deal_id})
                self.assertTrue(self.cr.rowcount)
                faults = log._verify(deals)
                self.assertEqual({fault.res_id for fault in faults}, {deal_id})
                self.assertIn(kind, {fault.kind for fault in faults})
                self.assertTrue(all(fault.seq for fault in faults))
                savepoint.rollback()
