from datetime import date

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_base.schemas.base import Word

from ..analytics.performance_metrics.performance_tracker import (
    Benchmark,
    PerformanceTracker,
)
from .kpi_bi_analysis_page import _notes, _opens, _section

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

    @api.model
    def _list_analyses(self):
        return [*super()._list_analyses(), "market", "performance"]

    @api.model
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
                row.update({key: _plain(value) for key, value in row.items()})
                if parts:
                    row["parts"] = parts[records.browse(row["id"])].parts
            figures[name] = rows
        return self._store_figures(company, "market", figures)

    @api.model
    def _describe_market(self, result):
        figures, shares, notes = result._get_figures(), {}, []
        if not figures["market"]:
            text = self.env._("No markets yet. Enter their sizes, by year.")
            return {"sections": [], "message": text}
        for row in figures["competitor"]:
            if row["share"] is not None:
                text = f"{row['name']} {format_percent(self.env, row['share'])}"
                shares.setdefault(row["market_id"], []).append(text)
        for row in figures["market"]:
            if (row["own_share"] or 0) > 1:
                text = self.env._("%s: more was sold than there is. Check its size.")
                notes.append(text % row["display_name"])
        note = self.env._(
            "Own revenue is that of the year, in a running one of the last 12 months."
        )
        columns = {
            self.env._("Market"): lambda row: row["display_name"],
            self.env._("Size"): lambda row: self._money_cell(row["size"]),
            self.env._("Growth"): lambda row: self._share_cell(row["growth"]),
            self.env._("Own revenue"): lambda row: self._money_cell(row["own_revenue"]),
            self.env._("Own share"): lambda row: self._share_cell(row["own_share"]),
            self.env._("Competitors"): lambda row: ", ".join(
                shares.get(row["id"], ["–"])
            ),
            self.env._("Source"): lambda row: row["source"],
            self.env._("As of"): lambda row: format_date(self.env, row["date"]),
        }
        sections = [
            _table(
                self.env._("Shares"),
                note,
                columns,
                figures["market"],
                _open_form("market"),
            ),
            self._describe_scores("competitor", figures),
            self._describe_scores("opportunity", figures),
            notes and _notes("", notes),
        ]
        return {"sections": [*filter(None, sections)]}

    @api.model
    def _describe_scores(self, name, figures):
        """A table of scores, the points that each part brought, and their formula."""
        records = self.env[f"kpi.bi.{name}"]
        score = records._fields["score"]
        title = {
            "competitor": self.env._("Competitors by threat"),
            "opportunity": self.env._("Opportunities by score"),
        }[name]
        columns = {
            self.env._("Name"): lambda row: row["display_name"],
            score._description_string(self.env): lambda row: self._decimal_cell(
                row["score"]
            ),
        }
        for field, part in records._parts.items():
            label = records._fields[field]._description_string(self.env)
            columns[label] = lambda row, part=part: self._decimal_cell(
                row["parts"].get(part)
            )
        help_ = score._description_help(self.env)
        return _table(title, help_, columns, figures[name], _open_form(name))

    @api.model
    def _analyse_performance(self, company):
        """Sales teams beside what others reach, over the last twelve months."""
        day, tz = (
            self._get_cutoff(company),
            self.env["kpi.bi.purchase"]._get_tz(company),
        )
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
        figures = {"benchmarks": {k: vars(m) for k, m in marks.items()}, "units": units}
        return self._store_figures(company, "performance", figures)

    @api.model
    def _describe_performance(self, result):
        figures = result._get_figures()
        marks, units = figures["benchmarks"], figures["units"]
        if not units or not marks:
            text = self.env._(
                "Needs opportunities of sales teams won or lost within a year, and"
                " benchmarks of win rate, sales cycle or deal size with the best reach."
            )
            return {"sections": [], "message": text}
        field = self.env["kpi.bi.benchmark"]._fields["measure"]
        names = dict(field._description_selection(self.env))
        columns = {
            self.env._("Team"): lambda unit: unit["name"],
            self.env._("Score"): lambda unit: self._decimal_cell(unit["score"]),
            **{
                names[key]: lambda unit, key=key: self._decimal_cell(
                    unit["values"][key]
                )
                for key in marks
            },
            self.env._("Ahead in"): lambda unit: _join(names, unit["ahead"]),
            self.env._("Behind in"): lambda unit: _join(names, unit["behind"]),
        }
        note = self.env._(
            "Over the last 12 months: 50 = as usual, 100 = as the best, 0 = as far"
            " below the usual. Figures of fewer than %s opportunities are left out.",
            LEAST,
        )
        teams = _table(self.env._("Sales teams"), note, columns, units)
        behind = [
            {
                "key": key,
                "value": unit["values"][key],
                "text": self.env._(
                    "%(team)s: reach the benchmark in %(measure)s",
                    team=unit["name"],
                    measure=names[key],
                ),
                **marks[key],
            }
            for unit in units
            for key in unit["behind"]
        ]
        columns = {
            self.env._("Start an action"): lambda row: row["text"],
            self.env._("Value"): lambda row: self._decimal_cell(row["value"]),
            self.env._("Usual"): lambda row: self._decimal_cell(row["middle"]),
            self.env._("Best"): lambda row: self._decimal_cell(row["best"]),
            self.env._("Source"): lambda row: row["source"],
        }
        title = self.env._("Behind the benchmark")
        sections = [teams, _table(title, "", columns, behind, _start_action)]
        return {"sections": [*filter(None, sections)]}

    @api.model
    def open_new_action(self, measure: Word, description: Word):
        """Open a new action, about the KPI of a measure where the company has it."""
        report = self.env["kpi.report"].search(
            [
                ("definition_id.code", "=", KPIS.get(measure)),
                ("company_id", "=", self.env.company.id),
                ("scope_type", "=", "company"),
            ],
            limit=1,
        )
        return open_dialog(
            self.env["kpi.action.item"],
            self.env._("Start Action"),
            default_report_id=report.id,
            default_description=description,
        )


def _plain(value):
    """As JSON; what is not known is None."""
    return str(value) if isinstance(value, date) else or_none(value)


def _join(names, keys):
    return ", ".join(names[key] for key in keys)


def _open_form(model):
    return lambda row: _opens(f"kpi.bi.{model}", "get_formview_action", [row["id"]])


def _start_action(row):
    return _opens("kpi.bi.analysis", "open_new_action", row["key"], row["text"])


def _table(title, note, columns, rows, opens=None):
    """A section of rows, whose columns are a head and what makes a cell of a row."""
    return rows and _section(
        "table",
        title,
        note,
        heads=[*columns],
        rows=[[show(row) for show in columns.values()] for row in rows],
        opens=[opens and opens(row) for row in rows],
    )


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
