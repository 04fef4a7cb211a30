# pylint: disable=prefer-env-translation  # _ is self.env._ in each method
from datetime import timedelta

import numpy as np

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.tools import SQL
from odoo.tools.date_utils import get_quarter

from ..analytics.data_models import sales_models
from ..analytics.data_models.forecasting_models import compare_models
from ..analytics.data_models.revenue_history import monthly_revenue, recurring_revenue
from ..analytics.data_models.sales_models import OPEN, WON, stand_at
from ..analytics.pipeline_management import pipeline_analyzer as analyzer
from .kpi_bi_analysis_page import ANALYST, MOST_DOCUMENTS

YEAR = timedelta(days=365)
TARGETS = ("crm_won_revenue", "won_revenue", "fin_revenue", "revenue")
MOST_DEALS = 100
MONTHS = 12  # of a forecast
MONTHS_BACK = 24  # of the history that a forecast is shown with


class KpiBiAnalysis(models.AbstractModel):
    """The pipeline, what changed it, and the revenue to come."""

    _inherit = "kpi.bi.analysis"

    def _store_sales(self, company, name, compute, *data):
        """A result of what happened to opportunities up to the last day that counts."""
        # The engine reads events and stores results, whoever may see them.
        analyses = self.sudo()
        newest = analyses.env["kpi.bi.opportunity.event"].search([], limit=1).id
        data = [newest, self._list_stages(), *data]
        return analyses._store_result(company, name, compute, data=data)

    def _list_stages(self):
        # Stages of all teams, whoever may see them.
        return self.env["crm.stage"].sudo().search(Domain.TRUE).ids

    def _read_events(self, company):
        """What happened to each lead that was ever one of the company."""
        places = {stage: place for place, stage in enumerate(self._list_stages(), 1)}
        tz = self.env["kpi.bi.purchase"]._get_tz(company)
        rows = self.env.execute_query(SQL(_EVENTS, company=company.id, tz=tz))
        return [
            sales_models.OpportunityEvent(*row[:4], places.get(row[4], 0), *row[5:])
            for row in rows
        ]

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
                start = get_quarter(day)[0]
                won = (one for one in known if one.state == WON)
                reached = sum(one.amount for one in won if one.closed >= start)
            visits = sales_models.list_visits(events, day, company.id)
            stages = {one.stage: one for one in analyzer.describe_stages(visits, day)}
            left = target["target"] - reached
            found = analyzer.describe_pipeline(known, day, day - YEAR, left)
            pending = [one for one in known if one.state == OPEN]
            recent = [one for one in known if one.closed and one.closed >= day - YEAR]
            stale = sum(analyzer.is_stale(one, stages, day) for one in pending)
            share = stale / len(pending) if pending else None
            return {
                **vars(found),
                "target": {**target, "reached": reached},
                "slippage": analyzer.usual_slippage(events),
                "grade": analyzer.grade_pipeline(found, share),
                "keys": self._list_stages(),
                "stages": [
                    {**vars(one), "count": len(there), "amount": sum(there)}
                    for one in stages.values()
                    for there in [[d.amount for d in pending if d.stage == one.stage]]
                ],
                "deals": [
                    (one.number, one.amount, one.probability, one.stage, one.deadline)
                    + analyzer.score_deal(one, stages, day)
                    for one in sorted(pending, key=lambda one: -one.amount)[:MOST_DEALS]
                ],
                "owners": analyzer.compare_owners([*pending, *recent]),
                "since": min((one.day for one in events), default=None),
                "partly_known": len({e.number for e in events if e.is_partly_known}),
            }

        return self._store_sales(company, "pipeline", compute, target)

    def _find_sales_target(self, company, day):
        """What is to be won in the quarter (of a yearly KPI: the year), and was so far.

        That of a KPI of revenue, else what the sales teams are to invoice a month.
        """
        # The engine reads targets of the company, whoever may see them.
        found = self.sudo()._find_reports(company, TARGETS)
        found = found.sorted(lambda report: TARGETS.index(report.definition_id.code))
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
            "until": str(get_quarter(day)[1]),
        }

    def _analyse_pipeline_change(self, company):
        """What changed since the month before."""
        day = self._get_cutoff(company)
        since = day.replace(day=1) - timedelta(days=1)

        def compute():
            return _compare(self._read_events(company), since, day, company.id)

        return self._store_sales(company, "pipeline_change", compute, str(since))

    def _analyse_revenue_forecast(self, company):
        purchases = self.env["kpi.bi.result"]._find_latest(company, "purchases")

        def compute():
            sold, last = self._read(company)
            months, revenue = monthly_revenue(sold, last)
            if not len(revenue):
                return {}
            events = self._read_events(company)
            day = self._get_cutoff(company)
            known = stand_at(events, day, company.id)
            found = analyzer.describe_pipeline(known, day, day - YEAR)
            slippage = max(analyzer.usual_slippage(events) or 0, 0)
            recurring, customers = recurring_revenue(sold, last, MONTHS)
            pipeline = analyzer.expect_by_month(
                known, day + timedelta(days=1), MONTHS, slippage, found.cycle_days
            )
            forecasts = compare_models(
                revenue.tolist(), MONTHS, {"pipeline": pipeline, "recurring": recurring}
            )
            return {
                "months": months[-MONTHS_BACK:],
                "revenue": revenue[-MONTHS_BACK:],
                "models": {name: one.as_dict() for name, one in forecasts.items()},
                "slippage": slippage,
                "customers": customers,
            }

        return self._store_sales(
            company, "revenue_forecast", compute, purchases.data_hash
        )

    def _describe_pipeline(self, page, result):
        _, figures = self.env._, result._get_figures()
        if not figures["since"]:
            return
        # Names of stages are for whoever may see the pipeline.
        stages = self.env["crm.stage"].sudo().browse(figures["keys"]).exists()
        names = {figures["keys"].index(one.id) + 1: one.name for one in stages}
        self._add_pipeline_numbers(page, figures)
        columns = (
            _("Stage"), (_("Open"), "count"), (_("Expected revenue"), "money"),
            (_("Entered"), "count"), (_("Went on"), "share"), _("Interval"),
            _("Median days"),
        )  # fmt: skip
        rows = [
            (
                names[one["stage"]],
                one["count"],
                one["amount"],
                one["entered"],
                one["rate"],
            )
            + (
                page.span(one["low"], one["high"]),
                page.text(one["median_days"], "days"),
            )
            for one in figures["stages"]
            if one["stage"] in names
        ]
        page.table(
            _("Stages"),
            rows,
            *columns,
            note=_(
                "Went on: of those that have left the stage, the share that went to a"
                " later one or was won, and its 95 % interval. The median counts those"
                " still there."
            ),
        )
        self._add_deals(page, figures["deals"], names)
        self._add_owners(page, figures["owners"])
        if figures["partly_known"]:
            partly = _(
                "Of %s opportunities older changes are known as far as Odoo tracks"
                " them: stage and expected revenue.",
                page.text(figures["partly_known"]),
            )
            page.notes(partly)

    def _add_pipeline_numbers(self, page, figures):
        _, text, target = self.env._, page.text, figures["target"]
        goal = _("No target: set one for a KPI of revenue won, or for sales teams.")
        if target["target"]:
            left = max(target["target"] - target["reached"], 0)
            days = {"left": text(left, "money"), "day": text(target["until"], "day")}
            goal = _("Of %(left)s left to win until %(day)s", **days)
        grade, points, losses = figures["grade"]
        words = {
            "coverage": _("coverage below 3"), "overdue": _("overdue deals"),
            "stale": _("deals that stand still"),
        }  # fmt: skip
        reasons = ", ".join(words[one] for one in losses)
        health = _("%(points)s of 100: %(reasons)s", points=points, reasons=reasons)
        won = page.span(*figures["win_interval"] or (None, None))
        speed = _("A day: open × win rate × mean deal ÷ cycle")
        late = figures["slippage_days"] and text(figures["slippage_days"], "days")
        count = text(figures["count"])
        page.numbers(
            {**figures, "grade": grade},
            (_("Open"), "total", "money", _("%s opportunities", count)),
            (_("Weighted"), "weighted", "money", _("By their probability")),
            (_("Coverage"), "coverage", "times", goal),
            (_("Win rate"), "win_rate", "share", _("Last year; with 95 %%: %s", won)),
            (_("Sales cycle"), "cycle_days", "days", _("Median of what was won")),
            (_("Velocity"), "velocity", "money", speed),
            (_("Overdue"), "overdue_share", "share", _("By %s", late) if late else ""),
            (_("Health"), "grade", "text", health if reasons else ""),
        )

    def _add_deals(self, page, deals, stages):
        """The largest open opportunities that the reader may see, with their score."""
        _, leads = self.env._, self.env["crm.lead"]
        if not leads.has_access("read"):
            return
        reasons = {
            "stale": _("stands still"), "overdue": _("overdue"),
            "no_deadline": _("no closing date"),
            "unknown_stage": _("stage without history"),
        }  # fmt: skip
        found = leads.search([("id", "in", [deal[0] for deal in deals])])
        names = dict(found.mapped(lambda lead: (lead.id, lead.name)))
        deals = [deal for deal in deals if deal[0] in names]
        rows = [
            (names[number], amount, probability, stages.get(stage))
            + (page.text(deadline, "day"), score, ", ".join(map(reasons.get, why)))
            for number, amount, probability, stage, deadline, score, why in deals
        ]
        columns = (
            _("Opportunity"), (_("Expected revenue"), "money"),
            (_("Probability"), "share"), _("Stage"), _("Expected closing"),
            (_("Score"), "count"), _("Why"),
        )  # fmt: skip
        page.table(
            _("Largest open opportunities"),
            rows,
            *columns,
            note=_(
                "Those that you may see. Score: share of its stage that goes on, a"
                " third less where it stands still for twice the usual time, a third"
                " less where it is overdue."
            ),
            opens=[self._opens_leads([deal[0]]) for deal in deals],
        )

    def _add_owners(self, page, owners):
        """Salespeople, for those who see single customers, too."""
        if not self.env.user.has_group(ANALYST):
            return
        _ = self.env._
        # Colleagues have names, also those who have left.
        users = self.env["res.users"].sudo().browse(int(one["owner"]) for one in owners)
        names = {str(user.id): user.name for user in users.exists()}
        columns = (
            _("Salesperson"), (_("Open"), "money"), (_("Won"), "money"),
            (_("Win rate"), "share"), _("95 % interval"),
        )  # fmt: skip
        page.table(
            _("Salespeople"),
            [
                (names.get(one["owner"]) or _("Nobody"), one["open"], one["won"])
                + (one["win_rate"], page.span(*one["interval"] or (None, None)))
                for one in owners
            ],
            *columns,
            note=_(
                "Of the last year. Where intervals overlap, nobody can say who is"
                " better."
            ),
        )

    def _describe_pipeline_change(self, page, result, part=""):
        """What changed between two days: ``2026-02-28..2026-03-31``."""
        _, company, last = self.env._, result.company_id, result.cutoff_date
        since, _dots, until = part.partition("..")
        try:
            until = min(Date.to_date(until) or last, last)
            since = Date.to_date(since) or last.replace(day=1) - timedelta(days=1)
        except ValueError as error:
            raise UserError(_("“%s” are not two days.", part)) from error
        if not (events := self._read_events(company)):
            return
        figures = _compare(events, since, until, company.id)
        page.days = {"since": str(since), "until": str(until), "last": str(last)}
        names = {
            "start": page.text(figures["since"], "day"), "new": _("New"),
            "reopened": _("Reopened"), "moved_in": _("From another company"),
            "raised": _("Raised"), "lowered": _("Lowered"), "won": _("Won"),
            "lost": _("Lost"), "moved_out": _("To another company"),
            "removed": _("Merged or deleted"),
            "end": page.text(figures["until"], "day"),
        }  # fmt: skip
        page.waterfall(
            "",
            [
                {
                    "label": label,
                    "size": amount,
                    "note": _("%s opportunities", count),
                    "opens": self._opens_leads(ids),
                }
                for step, label in names.items()
                for amount, count, ids in [figures["steps"][step]]
                if count or step in ("start", "end")
            ],
            _(
                "Open opportunities, as it was known on both days: what is entered as"
                " closed on an earlier day counts from when it was entered."
            ),
        )

    def _describe_revenue_forecast(self, page, result):
        figures = result._get_figures()
        if not figures:
            return
        _, text, found = self.env._, page.text, figures["models"]
        names = {
            "ensemble": _("Combination"), "linear": _("Linear"),
            "exponential": _("Exponential"), "seasonal": _("Seasonal"),
        }  # fmt: skip
        main = found["ensemble"]
        last = Date.to_date(f"{figures['months'][-1]}-01")
        days = [Date.add(last, months=at) for at in range(1, MONTHS + 1)]
        months = [text(day, "month") for day in days]
        totals = {name: text(one, "money") for name, one in main["scenarios"].items()}
        accuracy = [one for one in main["accuracy"][:3] if one is not None]
        until = _("1 − WAPE of forecasts of the past, up to 3 months ahead")
        grades = _("A from 95 %, B from 90 %, C from 80 %, D from 65 %")
        saved = _("Of that of repeating the last month, or year")
        ends = _(
            "%(low)s if all are bad months, %(high)s if all are good ones", **totals
        )
        page.numbers(
            {**main, **totals, "accuracy": min(accuracy, default=None)},
            (_("Next 12 months"), "expected", "text", ends % totals),
            (_("Accuracy so far"), "accuracy", "share", until),
            (_("Grade"), "grade", "text", grades),
            (_("Error saved"), "skill", "share", saved),
        )
        rows = zip(months, main["expected"], main["low"], main["high"], strict=True)
        page.ranges(
            _("Revenue by month"),
            [(*row, text(row[1], "money")) for row in rows if row[2] is not None],
            note=_("Each month lies within its line with 80 %."),
        )
        columns = (
            _("Method"), (_("Next 12 months"), "money"),
            (_("Accuracy, next month"), "share"), (_("In 3 months"), "share"),
            (_("Error saved"), "share"), _("Grade"),
        )  # fmt: skip
        page.table(
            _("By method"),
            [
                (label, one["scenarios"]["expected"], *one["accuracy"][:3:2])
                + (one["skill"], one["grade"])
                for name, label in names.items()
                for one in [found[name]]
            ],
            *columns,
            note=_("Accuracy and error saved: of forecasts of the past."),
        )
        columns = [found[name]["expected"] for name in names]
        columns += [main[name] for name in ("naive", "pipeline", "recurring")]
        heads = [*names.values(), _("Same month last year"), _("Pipeline")]
        page.table(
            _("By month"),
            zip(months, *columns, strict=True),
            _("Month"),
            *((head, "money") for head in (*heads, _("Regular customers"))),
        )
        page.notes(
            _(
                "Pipeline: open opportunities × probability, %s days after their"
                " expected closing. A part of the revenue to come, not on top of it.",
                figures["slippage"],
            ),
            _(
                "Regular customers: %s who have bought at even pauses go on so. A part"
                " of it, too.",
                text(figures["customers"]),
            ),
        )

    def _opens_leads(self, ids):
        if not ids or not self.env["crm.lead"].has_access("read"):
            return None
        return self._opens_documents("crm.lead", ids)


def _compare(events, since, until, company):
    steps = analyzer.build_waterfall(
        stand_at(events, since, company), stand_at(events, until, company)
    )
    return {
        "since": since,
        "until": until,
        "steps": {
            name: (amount, len(numbers), numbers[:MOST_DOCUMENTS])
            for name, (amount, numbers) in steps.items()
        },
    }


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
