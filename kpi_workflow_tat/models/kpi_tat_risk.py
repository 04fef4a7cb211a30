from collections import defaultdict
from dataclasses import asdict
from datetime import timedelta

import numpy as np

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.worktime import to_datetime, to_instants
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_number
from odoo.addons.kpi_base.repeat import repeat_late

from ..engine.breach_risk import (
    PastLevels,
    RiskCurve,
    find_cutoff,
    learn_risk,
    predict_risk,
)

LEAST = 0.001  # no number of past levels makes it impossible
REASONS = [
    ("better", "Better than the Base Rate"),
    ("not_better", "No Better than the Base Rate"),
    ("few", "Too Few Past Levels"),
]
_PARTS = tuple(RiskCurve.__dataclass_fields__)
COHORT_DAYS = 365
# Of clocks of a year only what is learned from.
PAST_FIELDS = (
    "request_id",
    "level_number",
    "attempt",
    "is_of_group",
    "claimed_at",
    "decided_at",
    "level_start_time",
    "tat_start_time",
    "stopped_at",
    "due_at",
    "elapsed_seconds",
    "allowed_seconds",
    "tat_breached",
)


class KpiTatRisk(models.Model):
    """How long levels of one kind took, and whether that tells which become overdue."""

    _name = "kpi.tat.risk"
    _description = "Overdue Risk"
    _inherit = ["kpi.readonly.mixin"]
    _order = "company_id, template_id, level_number, priority"
    _rec_name = "template_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    template_id = fields.Many2one(
        "kpi.approval.workflow",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    level_number = fields.Integer(
        "Level", required=True, readonly=True, aggregator=None
    )
    priority = fields.Selection(
        lambda self: self.env["kpi.tat.request"]._fields["priority"].selection,
        required=True,
        readonly=True,
    )
    learned_at = fields.Datetime("Last Updated", readonly=True)
    level_count = fields.Integer("Past Levels", readonly=True)
    judged_count = fields.Integer(
        "Tested Levels",
        readonly=True,
        help="Later levels not used for training.",
    )
    reason = fields.Selection(REASONS, "Result", required=True, readonly=True)
    is_shown = fields.Boolean("Shown", compute="_compute_is_shown", store=True)
    brier_score = OptionalFloat(
        "Brier Score",
        digits=(6, 4),
        readonly=True,
        aggregator=False,
        help="Mean (risk − outcome)² on later levels; 0 is perfect.",
    )
    base_brier = OptionalFloat(
        "Base Rate Brier Score",
        digits=(6, 4),
        readonly=True,
        aggregator=False,
        help="Brier score of the overall overdue rate. The risk's score must be lower.",
    )
    curve = fields.Json(readonly=True, exportable=False)
    explanation = fields.Text(compute="_compute_explanation")

    _kind_uniq = models.UniqueIndex(
        "(company_id, template_id, level_number, priority)",
        "A risk already exists for these levels.",
    )

    @api.depends("reason")
    def _compute_is_shown(self):
        for risk in self:
            risk.is_shown = risk.reason == "better"

    @api.depends_context("lang")
    @api.depends("reason", "level_count", "judged_count", "brier_score", "base_brier")
    def _compute_explanation(self):
        texts = {
            "few": self.env._(
                "Not shown: too few past levels (%(count)s, of which %(tested)s "
                "for testing)."
            ),
            "not_better": self.env._(
                "Not shown: on %(tested)s later levels, Brier score %(brier)s is "
                "not better than the base rate's %(base)s."
            ),
            "better": self.env._(
                "Based on %(count)s past levels, tested on %(tested)s later ones. "
                "Brier score: %(brier)s, better than the base rate's %(base)s."
            ),
        }
        for risk in self:
            risk.explanation = texts.get(risk.reason, "") % {
                "count": risk.level_count,
                "tested": risk.judged_count,
                "brier": format_number(self.env, risk.brier_score, 3),
                "base": format_number(self.env, risk.base_brier, 3),
            }

    def _predict(self, elapsed, allowed):
        """The risk of each of some levels: 0 to 1; None: nothing is known of such.

        :param elapsed: seconds that count, of each level
        """
        if not self.is_shown:
            return [None] * len(elapsed)
        curve = RiskCurve(*(tuple(self.curve[name]) for name in _PARTS))
        risks = predict_risk(curve, np.array(elapsed), np.array(allowed)).tolist()
        return [None if np.isnan(risk) else max(risk, LEAST) for risk in risks]

    @api.model
    def _cron_learn(self):
        """Learn for each company that has requests."""
        groups = self.env["kpi.tat.request"]._read_group([], ["company_id"])
        companies = [company for (company,) in groups]
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            repeat_late(self.env, self._learn, company)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _learn(self, company):
        """Learn from the levels of ``company``; the same again changes nothing."""
        now = fields.Datetime.now()
        stored = {
            (row.template_id.id, row.level_number, row.priority): row
            for row in self.search([("company_id", "=", company.id)])
        }
        found, new = self.browse(), []
        for kind, rows in self._find_past(company, now).items():
            learned = learn_risk(self._collect_past(rows, now))
            values = {
                "learned_at": now,
                "reason": learned.reason,
                "level_count": learned.level_count,
                "judged_count": learned.judged_count,
                "brier_score": learned.brier,
                "base_brier": learned.base_brier,
                "curve": learned.curve and asdict(learned.curve),
            }
            if kind in stored:
                stored[kind].write(values)
                found |= stored.pop(kind)
            else:
                names = ("template_id", "level_number", "priority")
                new.append(
                    {"company_id": company.id, **dict(zip(names, kind, strict=True))}
                    | values
                )
        self.browse([row.id for row in stored.values()]).unlink()  # nothing in a year
        return found | self.create(new)

    @api.model
    def _find_past(self, company, now):
        """Levels by kind: dict (template, level, priority) → clocks, as they began.

        What was handed over goes on with the successor's clock, who has all the time
        that elapsed. Of a group's levels there is one: of who claimed it or decided;
        where nobody has, of one of them.
        """
        levels = self.env["kpi.tat.level"].search_fetch(
            [
                ("company_id", "=", company.id),
                ("request_id.is_test", "=", False),
                ("is_passed_on", "=", False),
                ("is_left_to_others", "=", False),
                ("clock", "!=", "waiting"),
                ("level_start_time", ">", now - timedelta(days=COHORT_DAYS)),
                ("allowed_seconds", ">", 0),
            ],
            PAST_FIELDS,
            order="level_start_time, id",
        )
        levels.request_id.fetch(["template_id", "priority"])
        found, groups = defaultdict(list), set()
        for level in levels:
            request = level.request_id
            group = request, level.level_number, level.attempt
            if level.is_of_group and not (level.claimed_at or level.decided_at):
                if group in groups:
                    continue
                groups.add(group)
            kind = request.template_id.id, level.level_number, request.priority
            found[kind].append(level.id)
        return {kind: levels.browse(ids) for kind, ids in found.items()}

    @api.model
    def _collect_past(self, rows, now):
        """Levels of one kind, as the engine takes them."""
        start = to_instants(rows.mapped("level_start_time"))
        cutoff = find_cutoff(start)
        then = to_datetime(cutoff)
        stops, counted = rows.mapped("stopped_at"), rows.mapped("tat_start_time")
        was_over = np.array([bool(stop and stop <= then) for stop in stops])
        is_over = np.array([bool(stop) for stop in stops])
        return PastLevels(
            start=start,
            elapsed=self._read_elapsed(rows, is_over, now),
            is_over=is_over,
            allowed=np.array(rows.mapped("allowed_seconds"), float),
            is_ripe=np.array(
                [
                    row.tat_breached or bool(row.due_at and row.due_at < now)
                    for row in rows
                ]
            ),
            elapsed_then=self._read_elapsed(rows, was_over | (start >= cutoff), then),
            was_over=was_over,
            # Handed over or planned anew later: what had elapsed then is not stored.
            was_known=np.array([not moment or moment <= then for moment in counted]),
        )

    @api.model
    def _read_elapsed(self, rows, is_known, moment):
        """Seconds that had counted at ``moment``; as stored where that ``is_known``."""
        found = np.array(rows.mapped("elapsed_seconds"), float)
        for place in np.flatnonzero(~is_known).tolist():
            found[place] = rows[place]._read_now(moment).elapsed
        return found
