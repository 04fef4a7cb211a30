from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.fields import OptionalFloat

from ..analytics.events import Effect

EFFECTS = [
    ("none", "Note Only"),
    ("one_off", "One-Off: Ignore Value"),
    ("real", "Real: Include Value"),
    ("add", "Planned: Add Amount"),
    ("factor", "Planned: Multiply by Factor"),
]
PLANNED = ("add", "factor")
FORECAST = ("effect", "effect_amount", "date", "date_to", "report_id")


class KpiAnnotation(models.Model):
    """Notes that forecasts follow."""

    _inherit = "kpi.annotation"

    effect = fields.Selection(
        EFFECTS,
        "Effect on Forecasts",
        required=True,
        default="none",
        help="Forecasts ignore one-off values, learn from real ones, and apply "
        "planned effects until the end date.",
    )
    effect_amount = OptionalFloat(
        "By",
        help="Amount to add (total if values add up, otherwise per period), or a "
        "factor, e.g. 1.2.",
    )
    date_to = fields.Date("Until", help="Leave empty for a single day.")

    @api.constrains("effect", "effect_amount", "date", "date_to")
    def _check_effect(self):
        for note in self:
            if note.effect in PLANNED and note.effect_amount is False:
                raise ValidationError(
                    self.env._("Enter how much “%s” changes the forecast.", note.text)
                )
            if note.effect == "factor" and note.effect_amount < 0:
                raise ValidationError(
                    self.env._("“%s”: the factor cannot be negative.", note.text)
                )
            if note.date_to and note.date_to < note.date:
                raise ValidationError(
                    self.env._(
                        "“%s” ends before it starts. Change one of the dates.",
                        note.text,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        notes = super().create(vals_list)
        notes.filtered(lambda note: note.effect != "none")._renew_forecasts()
        return notes

    def write(self, vals):
        before = self._having_effect()
        result = super().write(vals)
        if set(FORECAST).intersection(vals):
            (before | self._having_effect())._renew_forecasts()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_renew(self):
        self._having_effect()._renew_forecasts()

    def _having_effect(self):
        return self.filtered(lambda note: note.effect != "none")

    def _renew_forecasts(self):
        for note in self:
            self.env["kpi.predictive.analytics"]._mark_stale(
                note.report_id.ids, note.date
            )

    @api.model
    def _fetch_effects(self, report_ids):
        """What forecasts know of KPIs.

        :return: list of ``analytics.events.Effect``
        """
        # Who sees a forecast is told of its notes where they stand.
        notes = self.sudo().search_fetch(
            [("report_id", "in", report_ids), ("effect", "!=", "none")],
            ["report_id", "date", "date_to", "effect", "effect_amount"],
        )
        return [
            Effect(
                note.report_id.id,
                note.effect,
                note.date,
                note.date_to or note.date,
                note.effect_amount or 0.0,
            )
            for note in notes
        ]
