from datetime import timedelta

import numpy as np

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.tools import SQL
from odoo.tools.date_utils import get_quarter

from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_tracking_analytics.analytics.reliability import find_bottleneck

from ..analytics.data_models import sales_models
from ..analytics.data_models.sales_models import OPEN, WON, stand_at
from ..analytics.pipeline_management import pipeline_analyzer as analyzer
from .kpi_bi_analysis import ANALYST
from .kpi_bi_analysis_page import MOST_DOCUMENTS

YEAR = timedelta(days=365)
TARGETS = ("crm_won_revenue", "won_revenue", "fin_revenue", "revenue")
# of a target: any pipeline is many times what is less
LEAST_LEFT = 0.1
MOST_DEALS, SHOWN_DEALS = 100, 20  # some readers may not see them all


class KpiBiAnalysis(models.AbstractModel):
    """The pipeline, and what changed it."""

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
        paths, teams = self._read_paths(), self._read_teams(company)

        def compute():
            events = self._read_events(company)
            known = stand_at(events, day, company.id)
            reached = target["reached"]
            if reached is None:
                start = get_quarter(day)[0]
                won = (one for one in known if one.state == WON)
                reached = sum(one.amount for one in won if start <= one.closed <= day)
            visits = sales_models.list_visits(events, day, company.id)
            stages = {one.stage: one for one in analyzer.describe_stages(visits, day)}
            left = target["target"] - reached
            is_almost_won = left < LEAST_LEFT * target["target"]
            to_win = None if is_almost_won else left
            until = Date.to_date(target["until"])
            found = analyzer.describe_pipeline(known, day, day - YEAR, to_win, until)
            pending = [one for one in known if one.state == OPEN]
            recent = [
                one for one in known if one.closed and day - YEAR <= one.closed <= day
            ]
            stale = sum(analyzer.is_stale(one, stages, day) for one in pending)
            share = stale / len(pending) if pending else None
            return {
                **vars(found),
                "target": {**target, "reached": reached},
                "slippage": analyzer.usual_slippage(events, day),
                "grade": analyzer.grade_pipeline(found, share),
                "keys": self._list_stages(),
                "stages": [
                    {**vars(one), "count": len(there), "amount": sum(there)}
                    for one in stages.values()
                    for there in [[d.amount for d in pending if d.stage == one.stage]]
                ],
                "deals": [
                    (one.number, one.amount, one.probability, one.stage, one.deadline)
                    + analyzer.score_deal(
                        one, stages, day, paths.get(teams.get(one.number), paths[None])
                    )
                    for one in sorted(pending, key=lambda one: -one.amount)[:MOST_DEALS]
                ],
                "owners": analyzer.compare_owners([*pending, *recent]),
                "since": min((one.day for one in events), default=None),
                "partly_known": len({e.number for e in events if e.is_partly_known}),
            }

        known = [sorted(places) for places in paths.values()]
        data = target, known, sorted(teams.items())
        return self._store_sales(company, "pipeline", compute, *data)

    def _read_paths(self):
        """Sales team → sequence numbers of its stages; None: those of all teams."""
        # Stages of all teams, whoever may see them.
        stages = self.env["crm.stage"].sudo().browse(self._list_stages())
        paths = {team.id: set() for team in stages.team_ids} | {None: set()}
        for place, stage in enumerate(stages, 1):
            for team in paths:
                if not stage.team_ids or team in stage.team_ids.ids:
                    paths[team].add(place)
        return paths

    def _read_teams(self, company):
        """Open opportunity of the company → its sales team, if it has one."""
        self.env["crm.lead"].flush_model(["team_id", "company_id", "won_status"])
        return dict(self.env.execute_query(SQL(_TEAMS, company=company.id)))

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

    def _describe_pipeline(self, page, result):
        figures, words = result._get_figures(), page.words("pipeline")
        if not figures["since"]:
            return
        # Names of stages are for whoever may see the pipeline.
        stages = self.env["crm.stage"].sudo().browse(figures["keys"]).exists()
        names = {figures["keys"].index(one.id) + 1: one.name for one in stages}
        grade, points, losses = figures["grade"]
        target = figures["target"]
        rates = [
            {**one, "name": names[one["stage"]], "value": one["rate"]}
            for one in figures["stages"]
            if one["stage"] in names and one["rate"] is not None
        ]
        ends = {one["stage"]: (one["low"], one["high"]) for one in rates}
        values = {
            **figures,
            **target,
            "rates": rates,
            "bottleneck": names.get(find_bottleneck(ends)),
            "left": max(target["target"] - (target["reached"] or 0), 0),
            "grade": grade,
            "points": points,
            "losses": ", ".join(words["losses"][one] for one in losses),
            "stages": [
                {**one, "name": names[one["stage"]], "ends": (one["low"], one["high"])}
                for one in figures["stages"]
                if one["stage"] in names
            ],
            "deals": lambda: self._list_deals(figures["deals"], names, words),
            "owners": lambda: self._list_owners(figures["owners"], words),
        }
        page.draw("pipeline", values)

    def _list_deals(self, deals, stages, words):
        """The largest open opportunities that the reader may see, with their score."""
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return []
        found = leads.search([("id", "in", [deal[0] for deal in deals])])
        names = dict(found.mapped(lambda lead: (lead.id, lead.name)))
        columns = ("number", "amount", "probability", "stage", "deadline", "score")
        return [
            {
                **dict(zip(columns, deal, strict=True)),
                "name": names[deal[0]],
                "stage": stages.get(deal[3]),
                "why": ", ".join(map(words["reasons"].get, why)),
                "opens": self._opens_documents("crm.lead", deal[:1]),
            }
            for *deal, why in [one for one in deals if one[0] in names][:SHOWN_DEALS]
        ]

    def _list_owners(self, owners, words):
        """Salespeople, for those who see single customers, too."""
        if not self.env.user.has_group(ANALYST):
            return []
        # Colleagues have names, also those who have left.
        users = self.env["res.users"].sudo().browse(int(one["owner"]) for one in owners)
        names = {str(user.id): user.name for user in users.exists()}
        nobody = words["owners"]["nobody"]
        return [{**one, "name": names.get(one["owner"]) or nobody} for one in owners]

    def _describe_pipeline_change(self, page, result, part=""):
        """What changed between two days: ``2026-02-28..2026-03-31``."""
        company, last = result.company_id, result.cutoff_date
        since, _dots, until = part.partition("..")
        try:
            until = min(Date.to_date(until) or last, last)
            since = Date.to_date(since) or last.replace(day=1) - timedelta(days=1)
        except ValueError as error:
            raise UserError(
                self.env._("“%s” is not a valid date range.", part)
            ) from error
        if not (events := self._read_events(company)):
            return
        steps = _compare(events, since, until, company.id)["steps"]
        page.days = {"since": str(since), "until": str(until), "last": str(last)}
        ends = {"start": page.text(since, "day"), "end": page.text(until, "day")}
        names = {**page.words("pipeline_change")["steps"], **ends}
        rows = [
            {
                "label": names[step],
                "size": amount,
                "note": say_count(
                    count, self.env._("1 opportunity"), self.env._("%s opportunities")
                ),
                "opens": self._opens_documents("crm.lead", ids),
            }
            for step, (amount, count, ids) in steps.items()
            if count or step in ends
        ]
        page.draw("pipeline_change", {"rows": rows})


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


_TEAMS = """
    SELECT id, team_id
      FROM crm_lead
     WHERE won_status = 'pending'
       AND team_id IS NOT NULL
       AND (company_id IS NULL OR company_id = %(company)s)
"""
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
