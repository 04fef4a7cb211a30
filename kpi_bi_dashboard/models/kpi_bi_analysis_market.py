from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.schemas.base import Word

from ..analytics.performance_metrics.performance_tracker import (
    Benchmark,
    PerformanceTracker,
)
from .page import opens

PERCENT = 100
LEAST = 5  # opportunities that a figure of a team is known from
# measure of a benchmark → the KPI that an action is about
KPIS = {
    "win_rate": "crm_win_rate",
    "cycle_days": "crm_sales_cycle",
    "deal_size": "crm_average_deal",
}
READ = {
    "market": "name year size growth own_revenue own_share source date",
    "competitor": "name market_id share growth overlap price_advantage score"
    " source date",
    "opportunity": "name market_id state size growth fit ease score",
}


class KpiBiAnalysis(models.AbstractModel):
    """Markets, and sales teams beside benchmarks."""

    _inherit = "kpi.bi.analysis"

    def _analyse_market(self, company):
        """Shares, threats and opportunities by what was sold up to now."""
        figures = {}
        for name, names in READ.items():
            records = self.env[f"kpi.bi.{name}"].search(
                [("company_id", "=", company.id)]
            )
            records.modified(["year" if name == "market" else "market_id"])
            rows = records.read(["display_name", *names.split()], load="")
            parts = name != "market" and dict(records._assess())
            for row in rows:
                row.update({key: or_none(value) for key, value in row.items()})
                if parts:
                    row["parts"] = parts[records.browse(row["id"])].parts
            figures[name] = rows
        return self._store_figures(company, "market", figures)

    def _describe_market(self, page, result):
        figures = result._get_figures()
        if not figures["market"]:
            return
        rivals = {row["id"]: [] for row in figures["market"]}
        for row in figures["competitor"]:
            if row["share"] is not None:
                share = f"{row['name']} {page.text(row['share'], 'share')}"
                rivals[row["market_id"]].append(share)
        markets = {
            row["id"]: {
                **row,
                "competitors": ", ".join(rivals[row["id"]]) or "–",
                "opens": _opens_form("market", row),
            }
            for row in figures["market"]
        }
        values = {
            "markets": [*markets.values()],
            "oversold": [
                one for one in markets.values() if (one["own_share"] or 0) > 1
            ],
        }
        for name in ("competitor", "opportunity"):
            records = self.env[f"kpi.bi.{name}"]
            known, parts = records._fields, records._parts
            values[f"{name}_help"] = {"": known["score"]._description_help(self.env)}
            values[f"{name}_labels"] = {
                parts.get(field, field): known[field]._description_string(self.env)
                for field in ("score", *parts)
            }
            # the points that each part brought
            values[name] = [
                {
                    **dict.fromkeys(parts.values()),
                    **row["parts"],
                    "score": row["score"],
                    "name": row["display_name"],
                    "market": markets[row["market_id"]]["display_name"],
                    "opens": _opens_form(name, row),
                }
                for row in figures[name]
            ]
        page.draw("market", values)
        for title, tile in self._draw_market_shares(figures):
            page.draw("market_shares", {"market": title, "chart": tile})

    def _draw_market_shares(self, figures):
        """Pairs of a market known for several years, and a line chart of its shares."""
        own = self.env._("Own share")
        shares = {}
        for row in figures["market"]:
            years = shares.setdefault(row["name"].strip().casefold(), {})
            years[row["year"]] = {own: row["own_share"]}
            years[row["year"]] |= {
                one["name"]: one["share"]
                for one in figures["competitor"]
                if one["market_id"] == row["id"]
            }
        titles = {
            row["name"].strip().casefold(): row["name"] for row in figures["market"]
        }
        for key, years in shares.items():
            known = sorted(years)
            names = dict.fromkeys(name for year in known for name in years[year])
            series = []
            for name in names:
                values = [years[year].get(name) for year in known]
                percents = [None if one is None else PERCENT * one for one in values]
                series.append({"name": name, "report_id": None, "values": percents})
            drawn = [
                one
                for one in series
                if sum(value is not None for value in one["values"]) > 1
            ]
            if len(known) < 2 or not drawn:
                continue
            chart = {
                "unit": {"kind": "percent", "decimals": 1},
                "categories": [str(year) for year in known],
                "starts": [f"{year}-01-01" for year in known],
                "is_running": False,
                "series": drawn,
            }
            yield titles[key], {"kind": "line", "title": titles[key], "chart": chart}

    def _analyse_performance(self, company):
        """Sales teams beside what others reach, over the last twelve months."""
        day = self._get_cutoff(company)
        tz = self.env["kpi.bi.purchase"]._get_tz(company)
        known = self.env["kpi.bi.benchmark"].search(
            Domain("company_id", "in", (company.id, False))
            & Domain("measure", "in", [*KPIS])
            & Domain("date_from", "<=", day)
            & Domain("best", "!=", False),
            order="company_id desc, date_from, id",
        )
        marks = {
            one.measure: Benchmark(one.measure, one.middle, one.best, one.source or "")
            for one in known
        }
        self.env["crm.lead"].flush_model()
        rows = self.env.execute_query(SQL(_TEAMS, company=company.id, day=day, tz=tz))
        values = {
            str(team): {
                "win_rate": 100 * won / closed if closed >= LEAST else None,
                "cycle_days": cycle if won >= LEAST else None,
                "deal_size": amount if won >= LEAST else None,
            }
            for team, closed, won, cycle, amount in rows
        }
        units = [
            {
                **vars(one),
                "id": int(one.unit),
                "name": self.env["crm.team"].browse(int(one.unit)).name,
                "values": values[one.unit],
            }
            for one in PerformanceTracker(marks.values()).track_performance(values)
        ]
        figures = {"benchmarks": marks, "units": units}
        return self._store_figures(company, "performance", figures)

    def _describe_performance(self, page, result):
        figures = result._get_figures()
        marks, units = figures["benchmarks"], figures["units"]
        if not units or not marks:
            return
        names = self._get_labels("kpi.bi.benchmark", "measure")
        behind = []
        for unit in units:
            for key in unit["behind"]:
                what = self.env._(
                    "%(team)s: reach the %(measure)s benchmark",
                    team=unit["name"],
                    measure=names[key],
                )
                row = {**marks[key], "name": what, "value": unit["values"][key]}
                link = opens("kpi.bi.analysis", "open_new_action", key, what)
                behind.append({**row, "opens": link})
        values = {
            "least": LEAST,
            "measures": {key: names[key] for key in marks},
            "units": [
                {
                    **unit["values"],
                    **unit,
                    **{
                        name: ", ".join(names[key] for key in unit[name])
                        for name in ("ahead", "behind")
                    },
                }
                for unit in units
            ],
            "behind": behind,
        }
        page.draw("performance", values)

    @api.model
    def open_new_action(self, measure: Word, description: Word):
        """Open a new action, about the KPI of a measure where the company has it."""
        reports = self._find_reports(self.env.company, [KPIS.get(measure)])
        return open_dialog(
            self.env["kpi.action.item"],
            self.env._("Start Action"),
            default_report_id=reports[:1].id,
            default_description=description,
        )


def _opens_form(model, row):
    return opens(f"kpi.bi.{model}", "get_formview_action", [row["id"]])


# As the KPIs of the gallery count them; without a company they count for each.
_TEAMS = """
    SELECT team_id,
           count(*),
           count(*) FILTER (WHERE won_status = 'won'),
           percentile_cont(0.5) WITHIN GROUP (
               ORDER BY extract(epoch FROM date_closed - create_date) / 86400
           ) FILTER (WHERE won_status = 'won'),
           (avg(COALESCE(expected_revenue, 0)) FILTER (WHERE won_status = 'won'))::float
      FROM crm_lead
     WHERE type = 'opportunity'
       AND team_id IS NOT NULL
       AND won_status IN ('won', 'lost')
       AND (company_id = %(company)s OR company_id IS NULL)
       AND (date_closed AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date
           BETWEEN %(day)s::date - interval '1 year' + interval '1 day' AND %(day)s
  GROUP BY team_id
"""
