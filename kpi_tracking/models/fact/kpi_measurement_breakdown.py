from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.kpi_base.fields import OptionalFloat

OTHER = "__other__"
# Measure → how its parts make the value; those of any other one make nothing.
COMBINED_BY = {
    "count": "sum",
    "sum": "sum",
    "average": "mean",
    "share": "mean",
    "weighted_average": "mean",
}
READ_KEY = {"date": fields.Date.to_date, "integer": int}


class KpiMeasurementBreakdown(models.Model):
    """Part of a fact that belongs to one value of a field of its records."""

    _name = "kpi.measurement.breakdown"
    _description = "KPI Value by Breakdown"
    _inherit = ["kpi.period.value.mixin"]
    _order = "report_id, period_start desc, value desc, id"
    _rec_name = "key_label"
    _log_access = False

    field_path = fields.Char("Field", required=True, readonly=True, exportable=False)
    # A text of a record that the reader may not see: ``key_label`` says what may be.
    key = fields.Char(
        required=True,
        readonly=True,
        groups=fields.NO_ACCESS,
        help="Field value. Blank if not set.",
        exportable=False,
    )
    # Parts of several periods or KPIs make no sum that would mean anything.
    value = fields.Float(required=True, readonly=True, aggregator=None)
    weight = OptionalFloat(
        readonly=True,
        aggregator=None,
        help="Number of records, weight or denominator of the average or share.",
    )
    field_label = fields.Char("Breakdown By", compute="_compute_labels")
    key_label = fields.Char("Item", compute="_compute_labels")

    _value_finite = models.Constraint(
        "CHECK (value > '-Infinity' AND value < 'Infinity')",
        "A value must be a finite number.",
    )
    _weight_finite = models.Constraint(
        "CHECK (weight > '-Infinity' AND weight < 'Infinity')",
        "A weight must be a finite number.",
    )
    _fact_key_uniq = models.UniqueIndex(
        "(report_id, grain, period_start, field_path, key)"
    )

    @api.depends("report_id", "field_path", "key")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_labels(self):
        for (model_name, path), parts in self.grouped(
            lambda part: (part.report_id.definition_id.model_name, part.field_path)
        ).items():
            field = self._field_at(model_name, path)
            names = self._names_of(model_name, path, {part._key() for part in parts})
            hidden = self.env._("Not visible to you")
            for part in parts:
                part.field_label = (
                    field._description_string(self.env) if field else path
                )
                part.key_label = names.get(part._key(), hidden)

    def _key(self):
        """The key; readers get the name that ``_names_of`` gives it."""
        # Hidden from readers, as it may be a text of a record that they may not see.
        return self.sudo().key

    @api.model
    def _field_at(self, model_name, path):
        """The field at the end of ``path``; None where its app is not installed."""
        field = None
        for step in (path or "").split("."):
            field = model_name in self.env and self.env[model_name]._fields.get(step)
            if not field:
                return None
            model_name = field.comodel_name
        return field

    @api.model
    def _names_of(self, model_name, path, keys):
        """Key → name, of those that the reader may see."""
        field = self._field_at(model_name, path)
        names = {"": self.env._("Not set"), OTHER: self.env._("Other")}
        keys = keys - names.keys()
        if field and field.type == "selection":
            names.update(zip(keys, keys, strict=True))  # options that are gone
            names.update(field._description_selection(self.env))
        elif field and field.type == "boolean":
            names.update(true=self.env._("Yes"), false=self.env._("No"))
        elif field and field.relational:
            names.update(self._record_names(field.comodel_name, keys))
        elif field:
            names.update(self._value_names(model_name, path, field, keys))
        return names

    @api.model
    def _record_names(self, model_name, keys):
        ids = [int(key) for key in keys if key.isdigit()]
        records = self.env[model_name].with_context(active_test=False)
        if not records.has_access("read"):
            return {}
        found = records.search_fetch([("id", "in", ids)], ["display_name"])
        # “Support” says more than the beginning of “Operations / Delivery / Support”.
        short = {
            record.id: record.display_name
            for record in found.with_context(hierarchical_naming=False)
        }
        times = Counter(short.values())
        return {
            str(record.id): record.display_name
            if times[short[record.id]] > 1
            else short[record.id]
            for record in found
        }

    @api.model
    def _value_names(self, model_name, path, field, keys):
        """Texts, numbers and days of records that the reader may read, as they are."""
        # Keys are in no language.
        records = self.env[model_name].with_context(active_test=False, lang=None)
        spec = f"{path}:day" if field.type == "date" else path
        try:
            values = [READ_KEY.get(field.type, str)(key) for key in keys]
            groups = records._read_group([(path, "in", values)], [spec])
        except (AccessError, ValueError):  # the field is of another type by now
            return {}
        return {str(value): str(value) for (value,) in groups}
