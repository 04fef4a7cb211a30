# pylint: disable=prefer-env-translation  # _ is self.env._ in each method
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
        _, text, figures = self.env._, page.text, result._get_figures()
        markets, shares = figures["market"], {}
        if not markets:
            return
        for row in figures["competitor"]:
            if row["share"] is not None:
                share = f"{row['name']} {text(row['share'], 'share')}"
                shares.setdefault(row["market_id"], []).append(share)
        names = {row["id"]: row["display_name"] for row in markets}
        shown = ("display_name", "size", "growth", "own_revenue", "own_share")
        columns = (
            _("Market"), (_("Size"), "money"), (_("Growth"), "share"),
            (_("Own revenue"), "money"), (_("Own share"), "share"), _("Competitors"),
            _("Source"), _("As of"),
        )  # fmt: skip
        page.table(
            _("Shares"),
            [
                (
                    *map(row.get, shown),
                    ", ".join(shares.get(row["id"], ["–"])),
                    row["source"],
                    text(row["date"], "day"),
                )
                for row in markets
            ],
            *columns,
            note=_(
                "Own revenue is that of the year, in a running one of the last 12"
                " months."
            ),
            opens=_open_forms("market", markets),
        )
        titles = {
            "competitor": _("Competitors by threat"),
            "opportunity": _("Opportunities by score"),
        }
        for name, title in titles.items():
            self._add_scores(page, title, name, figures[name], names)
        more = _("%s: more was sold than there is. Check its size.")
        sold = [row for row in markets if (row["own_share"] or 0) > 1]
        page.notes(*(more % row["display_name"] for row in sold))

    def _add_scores(self, page, title, name, rows, markets):
        """A table of scores, the points that each part brought, and their formula."""
        records = self.env[f"kpi.bi.{name}"]
        known = records._fields
        labels = [
            known[field]._description_string(self.env)
            for field in ("score", *records._parts)
        ]
        page.table(
            title,
            [
                (row["display_name"], markets[row["market_id"]], row["score"])
                + (*map(row["parts"].get, records._parts.values()),)
                for row in rows
            ],
            self.env._("Name"),
            self.env._("Market"),
            *((label, "decimal") for label in labels),
            note=known["score"]._description_help(self.env),
            opens=_open_forms(name, rows),
        )

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
                "id": int(one.unit),
                "name": self.env["crm.team"].browse(int(one.unit)).name,
                "score": one.score,
                "values": values[one.unit],
                "ahead": one.ahead,
                "behind": one.behind,
            }
            for one in PerformanceTracker(marks.values()).track_performance(values)
        ]
        figures = {"benchmarks": marks, "units": units}
        return self._store_figures(company, "performance", figures)

    def _describe_performance(self, page, result):
        _, figures = self.env._, result._get_figures()
        marks, units = figures["benchmarks"], figures["units"]
        if not units or not marks:
            return
        names = self._get_labels("kpi.bi.benchmark", "measure")
        page.table(
            _("Sales teams"),
            [
                (unit["name"], unit["score"], *map(unit["values"].get, marks))
                + (_join(names, unit["ahead"]), _join(names, unit["behind"]))
                for unit in units
            ],
            _("Team"),
            (_("Score"), "decimal"),
            *((names[key], "decimal") for key in marks),
            _("Ahead in"),
            _("Behind in"),
            note=_(
                "Over the last 12 months: 50 = as usual, 100 = as the best, 0 = as far"
                " below the usual. Figures of fewer than %s opportunities are left"
                " out.",
                LEAST,
            ),
        )
        text = _("%(team)s: reach the benchmark in %(measure)s")
        behind = [
            (key, text % {"team": unit["name"], "measure": names[key]}, unit["values"])
            for unit in units
            for key in unit["behind"]
        ]
        columns = (
            _("Start an action"), (_("Value"), "decimal"), (_("Usual"), "decimal"),
            (_("Best"), "decimal"), _("Source"),
        )  # fmt: skip
        page.table(
            _("Behind the benchmark"),
            [
                (what, values[key], *map(marks[key].get, ("middle", "best", "source")))
                for key, what, values in behind
            ],
            *columns,
            opens=[
                opens("kpi.bi.analysis", "open_new_action", key, what)
                for key, what, _values in behind
            ],
        )

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


def _join(names, keys):
    return ", ".join(names[key] for key in keys)


def _open_forms(model, rows):
    form = f"kpi.bi.{model}", "get_formview_action"
    return [opens(*form, [row["id"]]) for row in rows]


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
