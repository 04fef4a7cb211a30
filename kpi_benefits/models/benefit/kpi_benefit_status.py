from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.fields import or_none
from odoo.addons.kpi_base.percent import say_percent

from ...engine.standing import Period, judge

STATUSES = [
    ("planned", "Planned"),
    ("in_progress", "In progress"),
    ("at_risk", "At risk"),
    ("realized", "Realized"),
    ("not_realized", "Not realized"),
]
CONFIRMED_AT_END = {"realized", "not_realized"}


class KpiBenefitRealization(models.Model):
    """Status of a benefit: suggested by rules with a reason, confirmed by its owner."""

    _inherit = "kpi.benefit.realization"

    status = fields.Selection(
        STATUSES,
        required=True,
        readonly=True,
        default="planned",
        copy=False,
        index=True,
        tracking=True,
    )
    suggested_status = fields.Selection(
        STATUSES, compute="_compute_suggested_status", exportable=False
    )
    suggestion_reason = fields.Char(
        compute="_compute_suggested_status", exportable=False
    )

    @api.depends("period_ids.planned", "period_ids.realized", "period_ids.period_start")
    def _compute_suggested_status(self):
        today = fields.Date.context_today(self)
        for benefit in self:
            judgement = judge(benefit._list_judged_periods(), today)
            benefit.suggested_status = judgement.standing
            benefit.suggestion_reason = benefit._describe_judgement(judgement)

    def _list_judged_periods(self):
        return [
            Period(
                one.period_start,
                one.period_start + relativedelta(months=1),
                one.planned,
                or_none(one.realized),
            )
            for one in self.period_ids.sorted("period_start")
        ]

    def _describe_judgement(self, judgement):
        """Say in a sentence why a status is suggested."""
        rate = say_percent(self.env, judgement.rate or 0.0)
        return {
            "not_begun": self.env._("Its first month is not over."),
            "as_planned": self.env._("%s of the plan to date.", rate),
            "behind": self.env._("Only %s of the plan to date.", rate),
            "above": self.env._(
                "%s of the plan to date, of which less is better.", rate
            ),
            "unreported": self.env._(
                "All months are over: no value for %s of them.", judgement.silent
            ),
            "overrun": self.env._(
                "All months are over: %s of the plan, of which less is better.", rate
            ),
            "silent": self.env._("No value for the last %s months.", judgement.silent),
            "reached": self.env._("All months are over: %s of the plan.", rate),
            "missed": self.env._("All months are over: only %s of the plan.", rate),
        }[judgement.reason]

    @api.constrains("status", "evidence")
    def _check_realized_evidence(self):
        for benefit in self:
            if benefit.status == "realized" and not (benefit.evidence or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s is realized: its evidence stays as long as it is.",
                        benefit.name,
                    )
                )

    def action_confirm_status(self):
        """Give these benefits the status that the rules suggest."""
        self.check_access("write")
        for benefit in self:
            benefit._check_evidence()
            # The right to was checked above; only methods set the status.
            benefit.sudo().status = benefit.suggested_status

    def _check_evidence(self):
        if self.suggested_status == "realized" and not (self.evidence or "").strip():
            raise UserError(
                self.env._(
                    "%s: enter the evidence for the realised value first.", self.name
                )
            )

    def _reopen_confirmed(self):
        """Take back what was confirmed at the end, as its values are others now."""
        confirmed = self.filtered(lambda one: one.status in CONFIRMED_AT_END)
        # The right to the values was checked; only methods set the status.
        confirmed.sudo().status = "in_progress"
