from odoo import api, fields, models
from odoo.exceptions import ValidationError

USUAL_DATES = ("date_order", "invoice_date", "date", "create_date")


class KpiDefinition(models.Model):
    """Choosing records by name, and ways to what belongs to a definition."""

    _inherit = "kpi.definition"

    model_label = fields.Char("Records Name", compute="_compute_model_label")
    records_notice = fields.Char(compute="_compute_records_notice")

    @api.depends("model_name")
    def _compute_model_label(self):
        labels = {
            model["model"]: model["display_name"]
            for model in self.env["ir.model"].display_name_for(
                [name for name in self.mapped("model_name") if name]
            )
        }
        for definition in self:
            definition.model_label = labels.get(definition.model_name, False)

    @api.depends_context("uid")
    @api.depends("model_name")
    def _compute_records_notice(self):
        """Why the records cannot be asked for their fields; empty where they can."""
        for definition in self:
            definition.records_notice = definition._records_notice()

    def _records_notice(self):
        self.ensure_one()
        name = self.model_name
        if not name:
            return ""
        if name not in self.env:
            return self.env._(
                "The app of these records (%s) is not installed. Filter and fields are"
                " shown as they were: install the app again, choose other records, or"
                " archive the KPI.",
                name,
            )
        if not self.env[name].has_access("read"):
            return self.env._(
                "You may not read these records (%s). Filter and fields are shown as"
                " they are kept; only somebody who may read the records can change"
                " them.",
                self.model_label,
            )
        return ""

    @api.onchange("model_name")
    def _onchange_model_name(self):
        """Keep of what was chosen that which fits the records chosen now."""
        for name in self._path_fields():
            if self[name] and not self._has_path(self[name]):
                self[name] = False
        for name in ("domain", "numerator_domain"):
            if not self._fits_records(name):
                self[name] = "[]"
        self.breakdown_ids = self.breakdown_ids.filtered(
            lambda breakdown: self._has_path(breakdown.field_path)
        )
        if not self.date_field and self.model_name in self.env:
            known = self.env[self.model_name]._fields
            self.date_field = next((n for n in USUAL_DATES if n in known), False)

    def _fits_records(self, name):
        """Whether the filter ``name`` asks for fields that the records have."""
        try:
            model = self._records_model()
            for condition in self._parsed_domain(name).iter_conditions():
                self._path_exists(model, condition.field_expr, name)
        except ValidationError:
            return False
        return True

    @api.model
    @api.readonly
    def get_measurable_models(self):
        """Models that the user may read and a KPI be computed from: name and label."""
        return [
            model
            for model in self.env["ir.model"].get_available_models()
            if self._is_measurable(model["model"])
        ]

    def action_open_measurements(self):
        """Values in the shortest period, so that lengths are not mixed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_tracking.kpi_measurement_action_course"
        )
        action["domain"] = [("definition_id", "in", self.ids)]
        action["context"] = {f"search_default_{self.frequency}": 1}
        return action
