from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.kpi_base import roles


class KpiBenefitConfidence(models.Model):
    """How likely somebody took it on a day that a benefit comes as planned.

    Scores are a history: another opinion is another row. Whoever gave one corrects it
    on the same day; afterwards it stays as it is.
    """

    _name = "kpi.benefit.confidence"
    _description = "Confidence Score"
    _table = "benefit_confidence_scores"
    _inherit = [
        "kpi.dated.mixin",
        "kpi.benefit.part.mixin",
        "kpi.initiative.part.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
    ]
    _order = "date desc, id desc"
    _rec_name = "benefit_id"
    _kpi_measurable = True

    probability = fields.Float(
        "Confidence",
        required=True,
        aggregator="avg",
        help="Probability of realizing at least 90% of the plan.",
    )
    reason = fields.Text(required=True)
    date = fields.Date(
        "Day",
        required=True,
        default=lambda self: self._get_today(),
        help="Only KPI officers can enter earlier dates.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Scored By",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.uid,
        index=True,
        ondelete="restrict",
    )
    recorded_on = fields.Date(
        required=True,
        readonly=True,
        copy=False,
        exportable=False,
        default=lambda self: self._get_today(),
    )

    _probability_share = models.Constraint(
        "CHECK (probability >= 0 AND probability <= 1)",
        "Confidence must be between 0% and 100%.",
    )

    @api.constrains("reason")
    def _check_reason(self):
        if not all(score.reason.strip() for score in self):
            raise ValidationError(self.env._("Enter a reason."))

    @api.constrains("date")
    def _check_date(self):
        today = self._get_today()
        if any(score.date > today for score in self):
            raise ValidationError(
                self.env._("Confidence scores cannot have a future date.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        scores = super().create(vals_list)
        scores._check_backdated()
        return scores

    def write(self, vals):
        self._check_open()
        result = super().write(vals)
        if "date" in vals:
            self._check_backdated()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        self._check_open()

    @api.model
    def _get_given_error(self, field, value):
        # The database would refuse it in its own words.
        error = super()._get_given_error(field, value)
        if error or field.name != "probability":
            return error
        if 0 <= float(value or 0.0) <= 1:
            return ""
        return self.env._("enter a share from 0% to 100%.")

    @api.model
    def _get_today(self):
        """Today where the user lives, whatever time zone a call names."""
        return fields.Date.context_today(self.with_context(tz=self.env.user.tz))

    def _check_backdated(self):
        """Refuse earlier days: what is known by now would make a score look good."""
        is_officer = self.env.su or self.env.user.has_group(roles.OFFICER)
        today = self._get_today()
        if not is_officer and any(score.date != today for score in self):
            raise AccessError(self.env._("Only KPI officers can enter earlier scores."))

    def _is_open(self):
        """Whether it was given today and can still be corrected."""
        day_ago = datetime.now() - timedelta(days=1)
        return self.recorded_on == self._get_today() and self.create_date >= day_ago

    def _check_open(self):
        """Refuse to change what was given on another day, or by somebody else."""
        for score in self:
            if not score._is_open():
                raise UserError(self.env._("Older scores are final. Add a new one."))
            if score.user_id != self.env.user and not self.env.su:
                raise AccessError(
                    self.env._("Only %s can correct this score.", score.user_id.name)
                )
