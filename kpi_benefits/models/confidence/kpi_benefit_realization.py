from odoo import api, fields, models
from odoo.tools import format_date

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary
from odoo.addons.kpi_base.percent import say_percent

from ...engine.confidence import (
    expect_remaining,
    fade,
    find_base_rate,
    is_stale,
)
from ...engine.standing import is_reached


class KpiBenefitRealization(models.Model):
    """Confidence in a benefit as of today, and what remains to be expected of it."""

    _inherit = "kpi.benefit.realization"

    confidence_ids = fields.One2many(
        "kpi.benefit.confidence", "benefit_id", "Confidence Scores"
    )
    confidence = OptionalFloat(
        compute="_compute_confidence",
        exportable=False,
        aggregator=False,
        help="The latest score. After 90 days it fades: every 180 days half of what it "
        "says beyond the share of benefits that came as planned.",
    )
    confidence_date = fields.Date(
        "Scored On", compute="_compute_confidence", exportable=False
    )
    is_confidence_stale = fields.Boolean(
        "Stale", compute="_compute_confidence", exportable=False
    )
    confidence_note = fields.Char(compute="_compute_confidence", exportable=False)
    expected_remaining = OptionalMonetary(
        "Expected Still to Come",
        compute="_compute_confidence",
        exportable=False,
        help="Planned value of the months to come, weighted by the confidence. What "
        "was realized is certain and not in it; disbenefits count in full.",
    )

    @api.depends_context("uid", "allowed_company_ids", "tz", "lang")
    @api.depends(
        "confidence_ids.probability",
        "confidence_ids.date",
        "period_ids.planned",
        "period_ids.realized",
        "period_ids.period_start",
    )
    def _compute_confidence(self):
        today = fields.Date.context_today(self)
        latest = {one: one.confidence_ids.sorted()[:1] for one in self}
        ages = {
            one: (today - score.date).days for one, score in latest.items() if score
        }
        base = None
        if any(is_stale(age) for age in ages.values()):
            base = find_base_rate(self._list_outcomes())
        for benefit, score in latest.items():
            if score:
                benefit._set_confidence(score, ages[benefit], base)
            else:
                benefit.confidence = benefit.expected_remaining = False
                benefit.confidence_date = benefit.confidence_note = False
                benefit.is_confidence_stale = False

    def _set_confidence(self, score, age, base):
        self.is_confidence_stale = is_stale(age)
        self.confidence = (
            fade(score.probability, age, base)
            if self.is_confidence_stale
            else score.probability
        )
        self.confidence_date = score.date
        self.confidence_note = self._describe_confidence(score, base)
        self.expected_remaining = expect_remaining(
            self._add_up_coming(), self.confidence
        )

    def _describe_confidence(self, score, base):
        """Say where the number is from, and how much of it has faded."""
        words = {
            "given": say_percent(self.env, score.probability, 0),
            # Who gave a score is no secret to who sees the benefit.
            "person": score.sudo().user_id.name,
            "day": format_date(self.env, score.date),
        }
        if not self.is_confidence_stale:
            return self.env._("%(given)s, by %(person)s on %(day)s.", **words)
        return self.env._(
            "Stale: %(given)s, by %(person)s on %(day)s, fading toward %(base)s.",
            base=say_percent(self.env, base, 0),
            **words,
        )

    def _add_up_coming(self):
        """Planned value of the months that are not over and have no value yet."""
        this_month = self._get_this_month()
        return sum(
            one.planned
            for one in self.period_ids
            if one.period_start >= this_month and one.realized is False
        )

    @api.model
    def _list_outcomes(self):
        """Whether each benefit that came to an end, and the user sees, was realised."""
        return list(self._find_ended()._judge_ended().values())

    def _judge_ended(self):
        """Benefit → whether at least 90 % of its plan came.

        Without those of which nothing was planned, and disbenefits with months that
        nobody reported: these may have come or not.
        """
        unknown = self.env["kpi.benefit.period"]._read_group(
            [
                ("benefit_id", "in", self.ids),
                ("benefit_id.expected_value", "<", 0),
                ("realized", "=", False),
            ],
            ["benefit_id"],
        )
        unknown = self.browse(benefit.id for (benefit,) in unknown)
        judged = {
            one: is_reached(one.expected_value, one.realized_value)
            for one in self - unknown
        }
        return {one: is_done for one, is_done in judged.items() if is_done is not None}
