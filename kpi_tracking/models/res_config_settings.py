from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.models.job.kpi_job import MOST_LANES

from .certification.kpi_definition import OTHERS_ONLY


def settings_of(company):
    """Fields of settings for all that a class adds to companies::

    class ResConfigSettings(models.TransientModel):
        _inherit = "res.config.settings"
        vars().update(settings_of(ResCompany))
    """
    return {
        name: type(field)(
            related=f"company_id.{name}",
            readonly=False,
            required=field._args__.get("required", False),
        )
        for name, field in vars(company).items()
        if isinstance(field, fields.Field)
    }


class ResConfigSettings(models.TransientModel):
    """Settings of the engine; those of its crons are stored on the crons themselves."""

    _inherit = "res.config.settings"

    kpi_certify_others_only = fields.Boolean(
        "Certify Only Others' Changes", config_parameter=OTHERS_ONLY
    )
    kpi_lock_date = fields.Date(related="company_id.kpi_lock_date", readonly=False)
    kpi_remind_days_before = fields.Integer(
        related="company_id.kpi_remind_days_before", readonly=False
    )
    kpi_remind_days_after = fields.Integer(
        related="company_id.kpi_remind_days_after", readonly=False
    )
    kpi_calendar_id = fields.Many2one(
        related="company_id.kpi_calendar_id", readonly=False
    )
    kpi_refresh_minutes = fields.Integer("Check for Changes Every")
    kpi_has_night_check = fields.Boolean("Nightly Check")
    kpi_lane_count = fields.Integer("Parallel Computations")

    @api.constrains("kpi_refresh_minutes")
    def _check_kpi_refresh_minutes(self):
        for settings in self:
            if not 1 <= settings.kpi_refresh_minutes <= 1440:
                raise ValidationError(
                    self.env._("Check for Changes: enter 1 to 1440 minutes.")
                )

    @api.constrains("kpi_lane_count")
    def _check_kpi_lane_count(self):
        for settings in self:
            if not 1 <= settings.kpi_lane_count <= MOST_LANES:
                raise ValidationError(
                    self.env._("Parallel Computations: enter 1 to %s.", MOST_LANES)
                )

    @api.model
    def get_values(self):
        refresh, reconcile = self._kpi_crons()
        in_minutes = {"minutes": 1, "hours": 60, "days": 1440}
        unit = in_minutes.get(refresh.interval_type, 1440)
        return {
            **super().get_values(),
            "kpi_refresh_minutes": refresh.interval_number * unit,
            "kpi_has_night_check": reconcile.active,
            "kpi_lane_count": len(self.env["kpi.job"]._find_lanes()),
        }

    def set_values(self):
        result = super().set_values()
        known = self.get_values()
        refresh, reconcile = self._kpi_crons()
        if self.kpi_refresh_minutes != known["kpi_refresh_minutes"]:
            refresh.write(
                {
                    "interval_number": self.kpi_refresh_minutes,
                    "interval_type": "minutes",
                }
            )
        if self.kpi_has_night_check != known["kpi_has_night_check"]:
            reconcile.active = self.kpi_has_night_check
        if self.kpi_lane_count != known["kpi_lane_count"]:
            self.env["kpi.job"]._set_lane_count(self.kpi_lane_count)
        return result

    @api.model
    def _kpi_crons(self):
        """The crons that look for changes and check at night."""
        # Settings are reached by administrators only, who may not write crons as such.
        env = self.sudo().env
        return (
            env.ref("kpi_base.kpi_job_cron"),
            env.ref("kpi_tracking.kpi_job_cron_reconcile"),
        )
