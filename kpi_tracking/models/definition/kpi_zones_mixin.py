from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.fields import OptionalFloat, or_none
from odoo.addons.kpi_base.formatting import format_percent_number

from ...engine import status, zones
from ...engine.status_chip import STATUS_LOOKS
from ...engine.zones import THRESHOLD_FIELDS

ZONES = [
    ("rag", "Three: On track, At risk, Off track"),
    ("five", "Five: Excellent, Good, Fair, Poor, Critical"),
]
WORST_FIRST = "off_target at_risk on_target not_due no_target no_data".split()
STATUSES = [(status, STATUS_LOOKS[status].word) for status in WORST_FIRST]
BANDS = [
    ("excellent", "Excellent"),
    ("good", "Good"),
    ("fair", "Fair"),
    ("poor", "Poor"),
    ("critical", "Critical"),
]


class KpiZonesMixin(models.AbstractModel):
    """Zones of achievement, with the lowest achievement of each but the last."""

    _name = "kpi.zones.mixin"
    _description = "Achievement Zones"

    zones = fields.Selection(ZONES)
    threshold_1 = OptionalFloat("Best Zone From (%)", aggregator=False)
    threshold_2 = OptionalFloat("Second Zone From (%)", aggregator=False)
    threshold_3 = OptionalFloat("Third Zone From (%)", aggregator=False)
    threshold_4 = OptionalFloat("Fourth Zone From (%)", aggregator=False)

    @api.onchange("zones")
    def _onchange_zones(self):
        """Begin with the usual thresholds."""
        for name, usual in zip(THRESHOLD_FIELDS, zones.THRESHOLDS, strict=True):
            if self.zones and self[name] is False:
                self[name] = usual

    @api.constrains("zones", *THRESHOLD_FIELDS)
    def _check_thresholds(self):
        for record in self.filtered("zones"):
            given = [or_none(record[name]) for name in THRESHOLD_FIELDS]
            try:
                zones.check_thresholds(record.zones, given)
            except status.StatusError as error:
                is_five = record.zones == "five"
                words = self.env["kpi.target.value"]._fields[
                    "band" if is_five else "status"
                ]
                labels = dict(words._description_selection(self.env))
                keys = (status.FIVE_BANDS if is_five else status.RAG).keys
                shown = ", ".join(
                    f"{labels[key]} {self._say_threshold(number)}"
                    for key, number in zip(keys[:-1], given, strict=False)
                )
                raise ValidationError(
                    self.env._(
                        "%(record)s, Zones: invalid thresholds (%(thresholds)s). "
                        "Enter all in descending order, between 0 and %(highest)s.",
                        record=record._get_zones_label(),
                        highest=self._say_threshold(zones.HIGHEST),
                        thresholds=shown,
                    )
                ) from error

    def _say_threshold(self, number):
        if number is None:
            return "–"
        return format_percent_number(self.env, number, 6)

    def _get_zones_label(self):
        """The record in the words of people."""
        return self.display_name
