from odoo import api, fields, models

from .kpi_measurement_breakdown import OTHER


class KpiMeasurementBreakdown(models.Model):
    """Parts of a value by name: what the key stands for, as the reader may know it."""

    _inherit = "kpi.measurement.breakdown"

    # Parts of several periods or KPIs make no sum that would mean anything.
    value = fields.Float(aggregator=None)
    unit = fields.Selection(related="report_id.definition_id.unit")
    decimals = fields.Integer(related="report_id.definition_id.decimals")
    currency_id = fields.Many2one(related="report_id.definition_id.currency_id")
    unit_symbol = fields.Char(related="report_id.definition_id.unit_symbol")
    duration_unit = fields.Selection(related="report_id.definition_id.duration_unit")
    period_label = fields.Char("Period Name", compute="_compute_period_label")
    field_label = fields.Char("Field Name", compute="_compute_labels")
    key_label = fields.Char("Part", compute="_compute_labels")

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        for part in self:
            calendar = part.report_id.definition_id.calendar_id
            period = calendar._period(part.grain, part.period_start)
            part.period_label = calendar._period_label(period)

    @api.depends("report_id", "field_path", "key")
    def _compute_labels(self):
        for (model_name, path), parts in self.grouped(
            lambda part: (part.report_id.definition_id.model_name, part.field_path)
        ).items():
            field = self._field_at(model_name, path)
            names = parts._key_names(field)
            for part in parts:
                part.field_label = (
                    field._description_string(self.env) if field else path
                )
                part.key_label = names.get(part.key, part.key)

    @api.model
    def _field_at(self, model_name, path):
        """The field at the end of ``path``; None where its app is not installed."""
        field = None
        for step in path.split("."):
            field = model_name in self.env and self.env[model_name]._fields.get(step)
            if not field:
                return None
            model_name = field.comodel_name
        return field

    def _key_names(self, field):
        """Key → name; records that the reader may not see stay unnamed."""
        names = {"": self.env._("Not set"), OTHER: self.env._("Other")}
        if field and field.type == "selection":
            names.update(field._description_selection(self.env))
        elif field and field.type == "boolean":
            names.update(true=self.env._("Yes"), false=self.env._("No"))
        elif field and field.relational:
            names.update(self._record_names(field.comodel_name))
        return names

    def _record_names(self, model_name):
        keys = {part.key for part in self if part.key.isdigit()}
        records = self.env[model_name].browse(map(int, keys)).exists()
        readable = records._filtered_access("read")
        hidden = dict.fromkeys(keys, self.env._("Not visible to you"))
        return hidden | {str(record.id): record.display_name for record in readable}
