from calendar import monthrange
from dataclasses import asdict
from datetime import timedelta

import numpy as np

from odoo import api, models
from odoo.fields import Date, Domain
from odoo.tools import SQL, format_date

from odoo.addons.kpi_base.percent import NARROW_SPACE, format_number

from ..analytics.data_models.forecasting_models import compare_models
from ..analytics.data_models.revenue_history import monthly_revenue, recurring_revenue
from ..analytics.data_models.sales_models import (
    OPEN,
    WON,
    OpportunityEvent,
    list_visits,
    stand_at,
)
from ..analytics.pipeline_management.pipeline_analyzer import (
    build_waterfall,
    compare_owners,
    describe_pipeline,
    describe_stages,
    expect_by_month,
    grade_pipeline,
    is_stale,
    score_deal,
    usual_slippage,
)
from .kpi_bi_analysis_page import (
    ANALYST,
    MOST_DOCUMENTS,
    _notes,
    _numbers,
    _opens,
    _section,
)

YEAR = timedelta(days=365)
TARGETS = ("crm_won_revenue", "won_revenue", "fin_revenue", "revenue")
MOST_DEALS = 100
MONTHS = 12  # of a forecast
MONTHS_BACK = 24  # of the history that a forecast is shown with
PARTS = ("month", "last_month", "quarter", "year")


class KpiBiAnalysis(models.AbstractModel):
    """The pipeline, what changed it, and the revenue to come."""

    _inherit = "kpi.bi.analysis"

    @api.model
    def _list_analyses(self):
        own = ["pipeline", "pipeline_change", "revenue_forecast"]
        return [*super()._list_analyses(), *own]

    @api.model
    def _get_titles(self):
        return {
            **super()._get_titles(),
            "pipeline": self.env._("Pipeline"),
            "pipeline_change": self.env._("What Changed"),
            "revenue_forecast": self.env._("Revenue Forecast"),
        }

    @api.model
    def _store_sales(self, company, name, compute, *data):
        """A result of what happened to opportunities up to the last day that counts."""
        # The engine reads events and stores results, whoever may see them.
        analyses = self.sudo()
        newest = analyses.env["kpi.bi.opportunity.event"].search([], limit=1).id
        data = [newest, self._list_stages(), *data]
        return analyses._store_result(company, name, compute, data=data)

    @api.model
    def _list_stages(self):
        # Stages of all teams, whoever may see them.
        return self.env["crm.stage"].sudo().search(Domain.TRUE).ids

    @api.model
    def _read_events(self, company):
        """What happened to each lead that was ever one of the company."""
        places = {stage: place for place, stage in enumerate(self._list_stages(), 1)}
        tz = self.env["kpi.bi.purchase"]._get_tz(company)
        rows = self.env.execute_query(SQL(_EVENTS, company=company.id, tz=tz))
        return [
            OpportunityEvent(*row[:4], places.get(row[4], 0), *row[5:]) for row in rows
        ]

    @api.model
    def _analyse_pipeline(self, company):
        # The engine writes events, whoever asks for the analysis.
        self.env["kpi.bi.opportunity.event"].sudo()._record_all()
        day = self._get_cutoff(company)
        target = self._find_sales_target(company, day)

        def compute():
            events = self._read_events(company)
            known = stand_at(events, day, company.id)
            reached = target["reached"]
            if reached is None:
                start = _quarter(day)[0]
                won = (one for one in known if one.state == WON)
                reached = sum(one.amount for one in won if one.closed >= start)
            visits = list_visits(events, day, company.id)
            stages = {one.stage: one for one in describe_stages(visits, day)}
            left = target["target"] - reached
            found = describe_pipeline(known, day, day - YEAR, left)
            pending = [one for one in known if one.state == OPEN]
            stale = sum(is_stale(one, stages, day) for one in pending)
            largest = sorted(pending, key=lambda one: -one.amount)[:MOST_DEALS]
            return {
                **asdict(found),
                "target": {**target, "reached": reached},
                "slippage": usual_slippage(events),
                "grade": grade_pipeline(
                    found, stale / len(pending) if pending else None
                ),
                "keys": self._list_stages(),
                "stages": [
                    {
                        **asdict(one),
                        "count": len(there),
                        "amount": sum(each.amount for each in there),
                    }
                    for one in stages.values()
                    for there in [[each for each in pending if each.stage == one.stage]]
                ],
                "deals": [
                    [
                        one.number,
                        one.amount,
                        one.probability,
                        one.stage,
                        one.deadline and str(one.deadline),
                        *score_deal(one, stages, day),
                    ]
                    for one in largest
                ],
                "owners": compare_owners(
                    one
                    for one in known
                    if one.state == OPEN or (one.closed and one.closed >= day - YEAR)
                ),
                "since": min((str(one.day) for one in events), default=None),
                "partly_known": len(
                    {one.number for one in events if one.is_partly_known}
                ),
            }, {}

        return self._store_sales(company, "pipeline", compute, target)

    @api.model
    def _find_sales_target(self, company, day):
        """What is to be won in the quarter (of a yearly KPI: the year), and was so far.

        That of a KPI of revenue, else what the sales teams are to invoice a month.
        """
        # The engine reads targets of the company, whoever may see them.
        reports = self.env["kpi.report"].sudo()
        found = reports.search(
            [
                ("scope_type", "=", "company"),
                ("company_id", "=", company.id),
                ("definition_id.code", "in", TARGETS),
            ]
        ).sorted(lambda report: TARGETS.index(report.definition_id.code))
        for report in found:
            grain = "year" if report.frequency == "year" else "quarter"
            for series in report._series(grain, day, day):
                target = series.targets.target[series.row_of[report.id]][-1]
                if target > 0:
                    value = series.values[series.row_of[report.id]][-1]
                    return {
                        "target": float(target),
                        "reached": float(np.nan_to_num(value)),
                        "until": str(series.periods[-1].stop - timedelta(days=1)),
                    }
        domain = [("company_id", "in", [company.id, False])]
        teams = self.env["crm.team"].sudo().search(domain)  # as above
        return {
            "target": 3 * sum(teams.mapped("invoiced_target")),
            "reached": None,  # what is won by then
            "until": str(_quarter(day)[1]),
        }

    @api.model
    def _analyse_pipeline_change(self, company):
        day = self._get_cutoff(company)

        def compute():
            events = self._read_events(company)
            return {
                part: _compare(events, *_get_days(part, day), company.id)
                for part in PARTS
            }, {}

        return self._store_sales(company, "pipeline_change", compute)

    @api.model
    def _analyse_revenue_forecast(self, company):
        purchases = self.env["kpi.bi.result"]._find_latest(company, "purchases")

        def compute():
            sold, last = self._read(company)
            months, revenue = monthly_revenue(sold, last)
            if not len(revenue):
                return {}, {}
            events = self._read_events(company)
            day = self._get_cutoff(company)
            known = stand_at(events, day, company.id)
            found = describe_pipeline(known, day, day - YEAR)
            slippage = max(usual_slippage(events) or 0, 0)
            recurring, customers = recurring_revenue(sold, last, MONTHS)
            pipeline = expect_by_month(
                known, day + timedelta(days=1), MONTHS, slippage, found.cycle_days
            )
            forecasts = compare_models(
                revenue.tolist(), MONTHS, {"pipeline": pipeline, "recurring": recurring}
            )
            return {
                "months": months[-MONTHS_BACK:].astype(str).tolist(),
                "revenue": revenue[-MONTHS_BACK:].tolist(),
                "models": {name: one.as_dict() for name, one in forecasts.items()},
                "slippage": slippage,
                "customers": customers,
            }, {}

        return self._store_sales(
            company, "revenue_forecast", compute, purchases.data_hash
        )

    # What pages show

    @api.model
    def _describe_pipeline(self, result):
        figures = result._get_figures()
        if not figures["since"]:
            return {"sections": [], "message": self.env._("No opportunities yet.")}
        # Names of stages are for whoever may see the pipeline.
        stages = self.env["crm.stage"].sudo().browse(figures["keys"]).exists()
        names = {figures["keys"].index(one.id) + 1: one.name for one in stages}
        partly = self.env._(
            "Of %s opportunities older changes are known as far as Odoo tracks them:"
            " stage and expected revenue.",
            self._text_of(figures["partly_known"]),
        )
        return {
            "sections": [
                self._describe_pipeline_numbers(figures),
                _section(
                    "table",
                    self.env._("Stages"),
                    self.env._(
                        "Went on: of those that have left the stage, the share that"
                        " went to a later one or was won, and its 95 % interval. The"
                        " median counts those still there."
                    ),
                    heads=[
                        self.env._("Stage"),
                        self.env._("Open"),
                        self.env._("Expected revenue"),
                        self.env._("Entered"),
                        self.env._("Went on"),
                        self.env._("Interval"),
                        self.env._("Median days"),
                    ],
                    rows=[
                        [
                            names[one["stage"]],
                            self._count_cell(one["count"]),
                            self._money_cell(one["amount"]),
                            self._count_cell(one["entered"]),
                            self._share_cell(one["rate"]),
                            self._range_text(one["low"], one["high"]),
                            self._days_text(one["median_days"]),
                        ]
                        for one in figures["stages"]
                        if one["stage"] in names
                    ],
                ),
                *self._describe_deals(figures["deals"], names),
                *self._describe_owners(figures["owners"]),
                _notes("", [partly] if figures["partly_known"] else []),
            ]
        }

    @api.model
    def _describe_pipeline_numbers(self, figures):
        target, late = figures["target"], figures["slippage_days"]
        goal = self.env._(
            "No target: set one for a KPI of revenue won, or for sales teams."
        )
        if target["target"]:
            goal = self.env._(
                "Of %(left)s left to win until %(day)s",
                left=self._money_text(max(target["target"] - target["reached"], 0)),
                day=format_date(self.env, target["until"]),
            )
        grade, points, losses = figures["grade"]
        words = {
            "coverage": self.env._("coverage below 3"),
            "overdue": self.env._("overdue deals"),
            "stale": self.env._("deals that stand still"),
        }
        reasons = ", ".join(words[one] for one in losses)
        low, high = figures["win_interval"] or (None, None)
        numbers = [
            (
                self.env._("Open"),
                self._money_text(figures["total"]),
                self.env._("%s opportunities", self._text_of(figures["count"])),
            ),
            (
                self.env._("Weighted"),
                self._money_text(figures["weighted"]),
                self.env._("By their probability"),
            ),
            (self.env._("Coverage"), self._plain_text(figures["coverage"], "×"), goal),
            (
                self.env._("Win rate"),
                self._share_text(figures["win_rate"]),
                self.env._("Last year; with 95 %%: %s", self._range_text(low, high)),
            ),
            (
                self.env._("Sales cycle"),
                self._days_text(figures["cycle_days"]),
                self.env._("Median of what was won"),
            ),
            (
                self.env._("Velocity"),
                self._money_text(figures["velocity"]),
                self.env._("A day: open × win rate × mean deal ÷ cycle"),
            ),
            (
                self.env._("Overdue"),
                self._share_text(figures["overdue_share"]),
                self.env._("By %s", self._days_text(late)) if late else "",
            ),
            (
                self.env._("Health"),
                grade or "–",
                self.env._(
                    "%(points)s of 100: %(reasons)s", points=points, reasons=reasons
                )
                if reasons
                else "",
            ),
        ]
        return _numbers(numbers)

    @api.model
    def _describe_deals(self, deals, stages):
        """The largest open opportunities that the reader may see, with their score."""
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return []
        reasons = {
            "stale": self.env._("stands still"),
            "overdue": self.env._("overdue"),
            "no_deadline": self.env._("no closing date"),
            "unknown_stage": self.env._("stage without history"),
        }
        found = leads.search([("id", "in", [deal[0] for deal in deals])])
        names = dict(found.mapped(lambda lead: (lead.id, lead.name)))
        seen = [deal for deal in deals if deal[0] in names]
        rows = [
            [
                names[number],
                self._money_cell(amount),
                self._share_cell(probability),
                stages.get(stage, "–"),
                format_date(self.env, deadline) if deadline else "–",
                self._count_cell(score),
                ", ".join(reasons[one] for one in why),
            ]
            for number, amount, probability, stage, deadline, score, why in seen
        ]
        table = _section(
            "table",
            self.env._("Largest open opportunities"),
            self.env._(
                "Those that you may see. Score: share of its stage that goes on, a"
                " third less where it stands still for twice the usual time, a third"
                " less where it is overdue."
            ),
            heads=[
                self.env._("Opportunity"),
                self.env._("Expected revenue"),
                self.env._("Probability"),
                self.env._("Stage"),
                self.env._("Expected closing"),
                self.env._("Score"),
                self.env._("Why"),
            ],
            rows=rows,
        )
        return [{**table, "opens": [self._opens_leads([deal[0]]) for deal in seen]}]

    @api.model
    def _describe_owners(self, owners):
        """Salespeople, for those who see single customers, too."""
        if not self.env.user.has_group(ANALYST):
            return []
        # Colleagues have names, also those who have left.
        users = self.env["res.users"].sudo().browse(int(one["owner"]) for one in owners)
        names = {str(user.id): user.name for user in users.exists()}
        rows = [
            [
                names.get(one["owner"]) or self.env._("Nobody"),
                self._money_cell(one["open"]),
                self._money_cell(one["won"]),
                self._share_cell(one["win_rate"]),
                self._range_text(*one["interval"] or (None, None)),
            ]
            for one in owners
        ]
        note = self.env._(
            "Of the last year. Where intervals overlap, nobody can say who is better."
        )
        heads = [
            self.env._("Salesperson"),
            self.env._("Open"),
            self.env._("Won"),
            self.env._("Win rate"),
            self.env._("95 % interval"),
        ]
        return [
            _section("table", self.env._("Salespeople"), note, heads=heads, rows=rows)
        ]

    @api.model
    def _describe_pipeline_change(self, result, part="month"):
        labels = {
            "month": self.env._("This month"),
            "last_month": self.env._("Last month"),
            "quarter": self.env._("This quarter"),
            "year": self.env._("This year"),
        }
        figures = result._get_figures()[part if part in labels else "month"]
        names = {
            "start": format_date(self.env, figures["since"]),
            "new": self.env._("New"),
            "reopened": self.env._("Reopened"),
            "moved_in": self.env._("From another company"),
            "raised": self.env._("Raised"),
            "lowered": self.env._("Lowered"),
            "won": self.env._("Won"),
            "lost": self.env._("Lost"),
            "moved_out": self.env._("To another company"),
            "removed": self.env._("Merged or deleted"),
            "end": format_date(self.env, figures["until"]),
        }
        start, *steps, end = (
            {
                "label": label,
                "text": self._money_text(amount),
                "size": amount,
                "note": self.env._("%s opportunities", count),
                "opens": self._opens_leads(ids),
            }
            for step, label in names.items()
            for amount, count, ids in [figures["steps"][step]]
            if count or step in ("start", "end")
        )
        section = _section(
            "waterfall",
            "",
            self.env._(
                "Open opportunities, as it was known on both days: what is entered as"
                " closed on an earlier day counts from when it was entered."
            ),
            first=start,
            steps=steps,
            last=end,
        )
        choices = [
            {"name": f"pipeline_change:{name}", "label": label}
            for name, label in labels.items()
        ]
        return {"sections": [section], "choices": choices}

    @api.model
    def _describe_revenue_forecast(self, result):
        figures = result._get_figures()
        if not figures:
            return {"sections": []}
        names = {
            "ensemble": self.env._("Combination"),
            "linear": self.env._("Linear"),
            "exponential": self.env._("Exponential"),
            "seasonal": self.env._("Seasonal"),
        }
        found = figures["models"]
        main = found["ensemble"]
        last = Date.to_date(f"{figures['months'][-1]}-01")
        months = [
            format_date(self.env, Date.add(last, months=at), date_format="LLL yyyy")
            for at in range(1, MONTHS + 1)
        ]
        low, value, high = (
            self._money_text(main["scenarios"][name])
            for name in ("low", "expected", "high")
        )
        accuracy = [one for one in main["accuracy"][:3] if one is not None]
        numbers = [
            (
                self.env._("Next 12 months"),
                value,
                self.env._(
                    "%(low)s if all are bad months, %(high)s if all are good ones",
                    low=low,
                    high=high,
                ),
            ),
            (
                self.env._("Accuracy so far"),
                self._share_text(min(accuracy, default=None)),
                self.env._("1 − WAPE of forecasts of the past, up to 3 months ahead"),
            ),
            (
                self.env._("Grade"),
                main["grade"] or "–",
                self.env._("A from 95 %, B from 90 %, C from 80 %, D from 65 %"),
            ),
            (
                self.env._("Error saved"),
                self._share_text(main["skill"]),
                self.env._("Of that of repeating the last month, or year"),
            ),
        ]
        ranges = [
            {
                "name": name,
                "low": row[0],
                "value": row[1],
                "high": row[2],
                "text": self._money_text(row[1]),
            }
            for name, *row in zip(
                months, main["low"], main["expected"], main["high"], strict=True
            )
            if row[0] is not None
        ]
        columns = [
            *(found[name]["expected"] for name in names),
            *(main[name] for name in ("naive", "pipeline", "recurring")),
        ]
        by_month = [
            [name, *map(self._money_cell, row)]
            for name, *row in zip(months, *columns, strict=True)
        ]
        by_method = [
            [
                names[name],
                self._money_cell(found[name]["scenarios"]["expected"]),
                self._share_cell(found[name]["accuracy"][0]),
                self._share_cell(found[name]["accuracy"][2]),
                self._share_cell(found[name]["skill"]),
                found[name]["grade"] or "–",
            ]
            for name in names
        ]
        notes = [
            self.env._(
                "Pipeline: open opportunities × probability, %s days after their"
                " expected closing. A part of the revenue to come, not on top of it.",
                figures["slippage"],
            ),
            self.env._(
                "Regular customers: %s who have bought at even pauses go on so. A part"
                " of it, too.",
                self._text_of(figures["customers"]),
            ),
        ]
        return {
            "sections": [
                _numbers(numbers),
                _section(
                    "ranges",
                    self.env._("Revenue by month"),
                    self.env._("Each month lies within its line with 80 %."),
                    rows=ranges,
                ),
                _section(
                    "table",
                    self.env._("By method"),
                    self.env._("Accuracy and error saved: of forecasts of the past."),
                    heads=[
                        self.env._("Method"),
                        self.env._("Next 12 months"),
                        self.env._("Accuracy, next month"),
                        self.env._("In 3 months"),
                        self.env._("Error saved"),
                        self.env._("Grade"),
                    ],
                    rows=by_method,
                ),
                _section(
                    "table",
                    self.env._("By month"),
                    heads=[
                        self.env._("Month"),
                        *names.values(),
                        self.env._("Same month last year"),
                        self.env._("Pipeline"),
                        self.env._("Regular customers"),
                    ],
                    rows=by_month,
                ),
                _notes("", notes),
            ]
        }

    @api.model
    def _opens_leads(self, ids):
        if not ids or not self.env["crm.lead"].has_access("read"):
            return None
        return _opens("kpi.bi.analysis", "open_documents", "crm.lead", ids)

    @api.model
    def _range_text(self, low, high):
        texts = map(self._share_text, (low, high))
        return "–" if low is None else " – ".join(texts)

    @api.model
    def _plain_text(self, number, unit, digits=1):
        if number is None:
            return "–"
        return f"{format_number(self.env, number, digits)}{NARROW_SPACE}{unit}"

    @api.model
    def _days_text(self, days):
        return self._plain_text(days, self.env._("days"), 0)


def _compare(events, since, until, company):
    steps = build_waterfall(
        stand_at(events, since, company), stand_at(events, until, company)
    )
    return {
        "since": str(since),
        "until": str(until),
        "steps": {
            name: (amount, len(numbers), numbers[:MOST_DOCUMENTS])
            for name, (amount, numbers) in steps.items()
        },
    }


def _get_days(part, day):
    """The last day before a part of time, and its last one so far."""
    first = day.replace(day=1)
    if part == "last_month":
        last = first - timedelta(days=1)
        return last.replace(day=1) - timedelta(days=1), last
    if part == "quarter":
        first = _quarter(day)[0]
    if part == "year":
        first = first.replace(month=1)
    return first - timedelta(days=1), day


def _quarter(day):
    """First and last day of the quarter."""
    first = day.replace(day=1, month=day.month - (day.month - 1) % 3)
    month = first.month + 2
    return first, first.replace(month=month, day=monthrange(day.year, month)[1])


_EVENTS = """
    SELECT lead_key,
           (moment AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date,
           company_id,
           state,
           stage_key,
           coalesce(amount, 0)::float8,
           coalesce(probability, 0) / 100,
           date_deadline,
           (closed_at AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date,
           coalesce(user_key, 0)::text,
           coalesce(is_partly_known, FALSE)
      FROM kpi_bi_opportunity_event
     WHERE lead_key IN (SELECT lead_key
                          FROM kpi_bi_opportunity_event
                         WHERE company_id IS NULL OR company_id = %(company)s)
  ORDER BY lead_key, id
"""
