"""KPIs on 8,800 public sales opportunities equal what pandas makes of the files."""

import numpy as np
import pandas as pd
import pytest
from crm_company import TZ, CrmCompany, local_midnight
from crm_files import DATA, read_agents, read_deals, read_reference
from kpi_table import create_definitions
from pandas_kpis import COMPANY, SALES, pandas_values

from odoo.tests import TransactionCase, freeze_time, tagged

FIRST, LAST = pd.Timestamp(2016, 10, 1), pd.Timestamp(2017, 12, 31)
GRAINS = ("month", "quarter", "year")
YEAR = LAST.replace(month=1, day=1).date()
MOVED, NEW_DEPARTMENT = "Moses Frase", "Celia Rouche"  # from Central to West
MOVED_ON = pd.Timestamp(2017, 7, 1)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"{DATA} is not there, see KPI_DATA")
@tagged("post_install", "-at_install")
class TestCrmOpportunities(TransactionCase):
    """On the last day of 2017, when the last deals of the files were closed."""

    freeze_time = freeze_time("2017-12-31 12:00:00", tick=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = read_deals()
        cls.crm = CrmCompany(cls.env)
        cls.env = cls.crm.env
        cls.leads = cls.crm.load(cls.deals)
        cls._define_kpis()
        cls._recompute()

    @classmethod
    def _define_kpis(cls):
        calendar = cls.env["kpi.calendar"].create(
            {"name": COMPANY, "company_id": cls.crm.company.id, "tz": TZ}
        )
        scopes = {
            "user": cls.crm.users,
            "team": cls.crm.kpi_teams,
            "department": cls.crm.departments,
            "company": {COMPANY: cls.crm.company},
        }
        cls.crm.employees  # noqa: B018 - created on first use
        definitions = create_definitions(
            cls.env,
            company_id=cls.crm.company.id,
            calendar_id=calendar.id,
            history_start=FIRST.date(),
        )
        cls.key_of = {}
        for code, (definition, kinds) in definitions.items():
            for kind in kinds:
                names = list(scopes[kind])
                records = scopes[kind][names[0]].union(*scopes[kind].values())
                reports = definition._track_for(
                    kind, records, company_id=cls.crm.company.id
                )
                name_of = {record.id: name for name, record in scopes[kind].items()}
                for report in reports:
                    cls.key_of[report] = (code, kind, name_of[report.scope_id])
        cls.reports = cls.env["kpi.report"].union(*cls.key_of)

    @classmethod
    def _recompute(cls, **options):
        return cls.env["kpi.source"]._recompute_all(**options)

    def _engine_values(self, grain):
        """What the engine says, keyed as by ``pandas_values``."""
        values = self.reports._values(grain, FIRST.date(), LAST.date())
        return pd.Series(
            {
                (*self.key_of[report], start): value
                for report, by_start in values.items()
                for start, value in by_start.items()
            }
        ).sort_index()

    def _value(self, code, kind, scope, start=YEAR, grain="year"):
        found = self._engine_values(grain)
        return found.loc[code, kind, scope, start]

    def assertEqualsPandas(self, deals, moves=(), grains=GRAINS):
        """Every value of every scope and period, and which of them are missing."""
        for grain in grains:
            found = self._engine_values(grain).drop("no_account_now")
            wanted = pandas_values(deals, grain, FIRST, LAST, moves)
            missing = wanted.index.difference(found.index)
            self.assertFalse(len(missing), f"{grain}: no value for {missing[:5]}")
            invented = found.index.difference(wanted.index)
            self.assertFalse(len(invented), f"{grain}: a value for {invented[:5]}")
            both = pd.DataFrame({"found": found, "wanted": wanted})
            wrong = both[~np.isclose(both.found, both.wanted, rtol=1e-9, atol=1e-9)]
            self.assertTrue(wrong.empty, f"{grain}, {len(wrong)} differ:\n{wrong[:9]}")
            self.assertGreater(len(both), 1000)

    def test_every_value_of_every_scope_and_period_equals_pandas(self):
        self.assertEqualsPandas(self.deals)

    def test_totals_are_those_published_with_the_files(self):
        reference = read_reference()
        year = self._engine_values("year").xs(YEAR, level=3)
        whole = year.xs(COMPANY, level=2).xs("company", level=1)
        self.assertEqual(whole["won_value"], reference["won_value"])
        self.assertEqual(whole["won_count"], reference["stages"]["Won"])
        self.assertEqual(whole["lost_count"], reference["stages"]["Lost"])
        # in the pipeline at the end are those that were engaged and not closed
        self.assertEqual(whole["pipeline_count"], reference["stages"]["Engaging"])
        self.assertAlmostEqual(whole["win_rate"] / 100, reference["win_rate"], 6)
        self.assertAlmostEqual(
            whole["cycle_days_closed"], reference["avg_cycle_days_closed"], 4
        )
        self.assertEqual(
            year["won_value", "team"].to_dict(), reference["won_value_by_region"]
        )
        rates = (year["win_rate", "user"] / 100).round(6)
        self.assertEqual(rates.to_dict(), reference["win_rate_by_agent"])
        quarters = self._engine_values("quarter").xs(COMPANY, level=2)
        for name, (value, count) in reference["won_value_by_close_quarter"].items():
            start = pd.Period(name).start_time.date()
            self.assertEqual(quarters["won_value", "company", start], value)
            self.assertEqual(quarters["won_count", "company", start], count)

    def test_formulas_agree_with_the_same_ratios_taken_from_the_records(self):
        for grain in GRAINS:
            values = self._engine_values(grain)
            for formula, records in (
                ("win_rate", "win_rate_share"),
                ("average_deal", "average_deal_mean"),
            ):
                pd.testing.assert_series_equal(
                    values[formula], values[records], rtol=1e-9, check_exact=False
                )

    def test_agents_without_deals_have_none_and_no_rate(self):
        idle = set(read_agents().agent) - set(self.deals.agent)
        self.assertEqual(len(idle), 5)
        year = self._engine_values("year").xs(YEAR, level=3)
        for agent in idle:
            self.assertEqual(year["won_count", "user", agent], 0)
            self.assertEqual(year["pipeline_count", "user", agent], 0)
            self.assertNotIn(("win_rate", "user", agent), year.index)
            self.assertNotIn(("cycle_days", "user", agent), year.index)

    def test_dirt_in_the_files_is_counted_not_hidden(self):
        whole = self._engine_values("month").xs(COMPANY, level=2).xs("company", level=1)
        december = LAST.replace(day=1).date()
        # as the files' description says; 500 of them were never engaged
        self.assertEqual(whole["no_account_now", december], 1425)
        engaging = self.deals[self.deals.stage == "Engaging"]
        self.assertEqual(
            whole["pipeline_no_account", december], engaging.account.isna().sum()
        )
        misspelled = (engaging["product"] == "GTXPro").sum()
        self.assertGreater(misspelled, 0)
        self.assertEqual(whole["pipeline_unknown_product", december], misspelled)

    def test_nothing_is_written_again_where_nothing_changed(self):
        self.assertEqual(self._recompute(), 0)

    def test_fifty_changed_opportunities_change_what_pandas_says(self):
        changed = self._change_fifty()
        self.assertGreater(self._recompute(), 0)
        self.assertEqualsPandas(changed)
        self.assertEqual(self._recompute(force=True), 0, "drift")

    def _change_fifty(self):
        """Re-date, win and delete opportunities in Odoo and in a copy of the frame."""
        deals, rng = self.deals.copy(), np.random.default_rng(20171231)

        def some(stage, count):
            return list(rng.choice(deals.index[deals.stage == stage], count, False))

        for name in [*some("Won", 10), *some("Lost", 5)]:
            closed = min(deals.closed[name] + pd.Timedelta(days=40), LAST)
            deals.loc[name, "closed"] = closed
            self._lead(name).date_closed = local_midnight(closed)
        for name in some("Engaging", 10):
            opened = max(deals.opened[name] - pd.Timedelta(days=45), FIRST)
            deals.loc[name, "opened"] = opened
            self._lead(name).date_open = local_midnight(opened)
        for name in some("Engaging", 15):
            deals.loc[name, ["stage", "closed", "value"]] = ["Won", LAST, 1234.0]
            self._lead(name).write(
                {"stage_id": self.crm.stages["Won"].id, "expected_revenue": 1234.0}
            )
            # Odoo has just set the moment of the change
            self._lead(name).date_closed = local_midnight(LAST)
        gone = [*some("Won", 4), *some("Lost", 3), *some("Engaging", 3)]
        self.env["crm.lead"].browse(self.leads[gone].tolist()).unlink()
        return deals.drop(gone)

    def _lead(self, name):
        return self.env["crm.lead"].browse(int(self.leads[name]))

    def test_a_transfer_keeps_the_months_before_with_the_old_department(self):
        before = self._engine_values("month")
        department = self.crm.departments[NEW_DEPARTMENT]
        self.crm.employees[MOVED].create_version(
            {"date_version": MOVED_ON.date(), "department_id": department.id}
        )
        self.assertGreater(self._recompute(), 0)
        move = (MOVED, MOVED_ON, NEW_DEPARTMENT)
        # by year, agents' totals are rolled up into the department of the last day
        self.assertEqualsPandas(self.deals, [move], ["month", "quarter"])
        after = self._engine_values("month")
        starts = after.index.get_level_values(3)
        is_earlier = starts < MOVED_ON.date()
        old = before[before.index.get_level_values(3) < MOVED_ON.date()]
        pd.testing.assert_series_equal(after[is_earlier], old)
        west = after["won_value", "department", "West"]
        rise = (west - before["won_value", "department", "West"])[MOVED_ON.date() :]
        moved = after["won_value", "user", MOVED][MOVED_ON.date() :]
        self.assertGreater(moved.sum(), 0)
        pd.testing.assert_series_equal(rise, moved)
        self.assertEqual(
            after["won_value", "department", SALES].to_dict(),
            before["won_value", "department", SALES].to_dict(),
        )
