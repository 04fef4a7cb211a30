from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiDefinition(models.Model):
    """How values of a KPI are counted, in words."""

    _inherit = "kpi.definition"

    explain_model = fields.Char(
        help="Model of the app that hands over the values of this KPI."
    )
    explain_method = fields.Char(
        help="Its method that explains a value: name starts with _explain_kpi, takes a"
        " report and a period, returns what get_explanation describes."
    )

    @api.constrains("explain_method")
    def _check_explain_method(self):
        for definition in self.filtered("explain_method"):
            if not definition.explain_method.startswith("_explain_kpi"):
                raise ValidationError(
                    self.env._(
                        "%s: the name of an explaining method starts with"
                        " _explain_kpi.",
                        definition.name,
                    )
                )

    def _method_sentence(self, period):
        """How a value of this KPI is counted, in one sentence."""
        measures = dict(self._fields["measure"]._description_selection(self.env))
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        model = self.env[self.model_name]
        sentence = self.env._(
            "%(measure)s over %(records)s: %(kind)s (%(first)s to %(last)s).",
            measure=measures[self.measure] + self._measured_label(),
            records=model._description,
            kind=kinds[self.kind].lower(),
            first=period.start,
            last=period.stop - timedelta(days=1),
        )
        if self.kind == "stock":
            sentence += " " + self.env._(
                "Fields other than the two dates are taken as they are now."
            )
        return sentence

    def _measured_label(self):
        """The field that is measured, in brackets; empty for counts."""
        if self.measure in ("count", "share") or not self.measure_field:
            return ""
        field = self._path_end(self.measure_field)
        return f" ({field._description_string(self.env)})"
