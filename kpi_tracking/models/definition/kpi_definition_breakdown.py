from odoo import api, fields, models
from odoo.exceptions import ValidationError

MAX_BREAKDOWNS = 3
GROUPABLE = ("boolean", "char", "date", "integer", "many2many", "many2one", "selection")


class KpiDefinitionBreakdown(models.Model):
    """A field of the records by whose values a KPI is split."""

    _name = "kpi.definition.breakdown"
    _description = "KPI Breakdown"
    _order = "definition_id, sequence, id"
    _rec_name = "field_path"

    definition_id = fields.Many2one(
        "kpi.definition", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    field_path = fields.Char("Field", required=True)
    model_name = fields.Char(related="definition_id.model_name")
    # Not as superuser: what may be read depends on who looks.
    records_notice = fields.Char(
        related="definition_id.records_notice", related_sudo=False
    )
    top_count = fields.Integer(
        "Values Shown",
        default=10,
        help="The remaining values are grouped as “Other” in sums, counts, "
        "averages and shares.",
    )

    _top_count_range = models.Constraint(
        "CHECK (top_count BETWEEN 1 AND 100)",
        "Show between 1 and 100 values.",
    )
    _path_uniq = models.UniqueIndex(
        "(definition_id, field_path)", "The KPI is already split by this field."
    )

    @api.constrains("definition_id", "field_path")
    def _check_field_path(self):
        for breakdown in self:
            # As the person who saves: Odoo checks constraints as superuser.
            definition = breakdown.sudo(False).definition_id
            label = self.env._("Breakdown")
            field = definition._path_end(breakdown.field_path, label)
            if field.type not in GROUPABLE:
                reason = self.env._(
                    "“%(path)s” (%(type)s) cannot be grouped.",
                    path=breakdown.field_path,
                    type=field.type,
                )
                raise definition._refuse(label, reason)
            if len(definition.breakdown_ids) > MAX_BREAKDOWNS:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: split by at most %(count)s fields.",
                        kpi=definition.name,
                        count=MAX_BREAKDOWNS,
                    )
                )

    def _check_fields_exist(self, method):
        """Check that the records of a version have what values are split by.

        :raises ValidationError: naming what they do not have any more
        """
        for breakdown in self:
            method._path_end(breakdown.field_path, self.env._("Breakdown"))

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.definition_id._note_meaning()
        return lines

    def write(self, vals):
        before = self.definition_id
        result = super().write(vals)
        self.definition_id._remove_unfilled_parts()
        (before | self.definition_id)._note_meaning()
        return result

    def unlink(self):
        definitions = self.definition_id
        result = super().unlink()
        definitions.exists()._remove_unfilled_parts()
        definitions._note_meaning()
        return result

    def _overlaps(self):
        """Return whether a record counts for several parts, which then make no sum."""
        parts = self.env["kpi.measurement.breakdown"]
        field = parts._field_at(self.model_name, self.field_path)
        return bool(field) and field.type == "many2many"
