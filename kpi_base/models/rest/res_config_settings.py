from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResConfigSettings(models.TransientModel):
    """Settings of the REST interface."""

    _inherit = "res.config.settings"

    kpi_api_per_minute = fields.Integer(
        "Requests per Minute",
        default=600,
        config_parameter="kpi_base.api_per_minute",
    )
    kpi_api_per_day = fields.Integer(
        "Requests per Day", default=0, config_parameter="kpi_base.api_per_day"
    )
    kpi_api_log_days = fields.Integer(
        "Keep API Log (Days)",
        default=90,
        config_parameter="kpi_base.api_log_days",
    )
    kpi_api_global_keys = fields.Boolean(
        "Odoo's own API keys", config_parameter="kpi_base.api_global_keys"
    )

    @api.constrains("kpi_api_per_minute", "kpi_api_per_day", "kpi_api_log_days")
    def _check_kpi_api_limits(self):
        for settings in self:
            if settings.kpi_api_per_minute < 1 or settings.kpi_api_log_days < 1:
                raise ValidationError(
                    self.env._(
                        "REST API: allow at least one request per minute, and "
                        "keep the API log for at least one day."
                    )
                )
            if settings.kpi_api_per_day < 0:
                raise ValidationError(
                    self.env._("REST API: requests per day cannot be negative.")
                )
