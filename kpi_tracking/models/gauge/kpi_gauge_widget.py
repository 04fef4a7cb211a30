from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.columns import Choices

from ...engine.gauge.geometry import choose_scale, without_extremes
from ...engine.gauge.zones import (
    Aim,
    ZoneError,
    parse_zones,
    status_zones,
    zones_of_values,
)

STATUS_ZONES = status_zones()
SAMPLE_TARGET = 100.0
SAMPLE_VALUE = 88.0


class KpiGaugeWidget(models.Model):
    """Look of KPIs drawn as gauges: a style, its zones and its scale."""

    _name = "kpi.gauge.widget"
    _description = "Gauge"
    _inherit = ["kpi.input.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    gauge_type = fields.Selection(
        [
            ("circular", "Circle"),
            ("linear", "Bar"),
            ("speedometer", "Speedometer"),
            ("thermometer", "Thermometer"),
        ],
        "Style",
        required=True,
        default="circular",
    )
    color_zones = fields.Text(
        help="Leave empty to show red, then yellow from 80% and green from 95% of "
        "the target.",
    )
    zone_unit = fields.Selection(
        [("percent", "% of Target"), ("value", "Unit of the KPI")],
        required=True,
        default="percent",
        help="Percent zones fit any KPI and are mirrored if lower is better.",
    )
    animation_enabled = fields.Boolean("Enable Animations", default=True)
    has_fixed_scale = fields.Boolean(
        "Fixed Scale",
        help="Turn off to derive the scale from zones, target and earlier values.",
    )
    scale_low = fields.Float("Scale From", aggregator=False)
    scale_high = fields.Float("Scale To", aggregator=False, default=100.0)
    definition_ids = fields.One2many("kpi.definition", "gauge_widget_id", "Used By")
    sample = fields.Json(compute="_compute_sample", exportable=False)

    _gauge_type_choices = Choices("gauge_type")
    _name_uniq = models.UniqueIndex("(name)", "A gauge with this name already exists.")

    @api.depends(
        "gauge_type", "color_zones", "zone_unit", "animation_enabled",
        "has_fixed_scale", "scale_low", "scale_high",
    )  # fmt: skip
    def _compute_sample(self):
        """Sample drawn on the form: 88 of 100."""
        for gauge in self:
            try:
                aim = Aim(target=SAMPLE_TARGET)
                zones, problem = gauge._zones(aim), ""
            except ZoneError as error:
                zones, problem = (), str(error)
            gauge.sample = {
                **gauge._look(),
                "value": SAMPLE_VALUE,
                "target": SAMPLE_TARGET,
                **gauge._scale(zones, [SAMPLE_TARGET], SAMPLE_VALUE),
                "zones": [zone.as_json() for zone in zones],
                "problem": problem,
            }

    @api.constrains("color_zones")
    def _check_color_zones(self):
        for gauge in self.filtered("color_zones"):
            try:
                parse_zones(gauge.color_zones)
            except ZoneError as error:
                field = gauge._fields["color_zones"]
                raise gauge._refuse_input(field, error) from error

    @api.constrains("has_fixed_scale", "scale_low", "scale_high")
    def _check_scale(self):
        for gauge in self.filtered("has_fixed_scale"):
            if gauge.scale_low >= gauge.scale_high:
                raise ValidationError(
                    self.env._(
                        "%(gauge)s: the scale end %(high)s must be above the start "
                        "%(low)s.",
                        gauge=gauge._get_record_label(),
                        low=gauge.scale_low,
                        high=gauge.scale_high,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # A KPI that the officer may not see keeps its gauge too.
        gauges = self.sudo().with_context(active_test=False)
        used = gauges.filtered("definition_ids")[:1]
        if used:
            raise UserError(
                self.env._(
                    "%s is used by KPIs. Archive it or change their gauge.",
                    used.name,
                )
            )

    def _zones(self, aim, usual=STATUS_ZONES):
        """The zones of a KPI's values that a gauge draws, lowest value first.

        :param aim: what percentages refer to
        :param usual: zones in percent, for a gauge without own ones
        :raises ZoneError: the text of the zones is not valid
        """
        if not self.color_zones:
            return zones_of_values(usual, aim)
        zones = parse_zones(self.color_zones)
        return zones if self.zone_unit == "value" else zones_of_values(zones, aim)

    def _drawing(self, aim, usual_zones, *, value, whole, previous, earlier):
        """The gauge of one value, as JSON; False where it would say no more than it.

        :param aim: what is due so far
        :param usual_zones: zones in percent, for a gauge without own ones
        :param whole: target of the whole period, also while nothing is due
        :param previous: value of the period before; None = missing
        :param earlier: values of earlier periods, which shall lie within the scale
        """
        zones = self._zones(aim, usual_zones)
        if not zones and not self.has_fixed_scale and whole is None:
            return False
        usual = [whole, aim.baseline, *without_extremes(earlier)]
        return {
            **self._look(),
            **self._scale(zones, usual, value),
            "zones": [zone.as_json() for zone in zones],
            "value": value,
            "target": aim.target,
            "whole": None if whole == aim.target else whole,
            "baseline": aim.baseline,
            "previous": previous,
        }

    def _look(self):
        """Properties shared by all KPIs that are drawn by this gauge."""
        return {
            "style": self.gauge_type or "circular",
            "animated": self.animation_enabled or not self,
        }

    def _scale(self, zones, usual, value):
        """Both ends of the scale, fixed or chosen.

        :param usual: numbers that shall lie well within it
        """
        if self.has_fixed_scale:
            return {"low": self.scale_low, "high": self.scale_high}
        limits = [limit for zone in zones for limit in (zone.low, zone.high)]
        is_length = self.gauge_type != "speedometer"
        chosen = choose_scale([*limits, *usual], value, starts_at_zero=is_length)
        return {"low": chosen.low, "high": chosen.high}
