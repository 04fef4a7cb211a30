from odoo import api, fields, models

from ..definition.kpi_method_mixin import METHOD_FIELDS


class KpiDefinitionVersion(models.Model):
    """How the values of a KPI are computed from a period on; written by ``_change``.

    The first one holds for all that lies before it as well. One that was mistaken is
    archived, and another one stands at its day.
    """

    _name = "kpi.definition.version"
    _description = "Version of a KPI Definition"
    _inherit = ["kpi.method.mixin"]
    _order = "definition_id, valid_from desc, id desc"
    _rec_name = "valid_from"

    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, ondelete="cascade", index=True
    )
    valid_from = fields.Date(required=True, help="First day of the first period.")
    active = fields.Boolean(default=True)
    reason = fields.Char(help="Why it was changed.")
    computation_error = fields.Char()
    changed_fields = fields.Char(
        "Changed",
        compute="_compute_changed_fields",
        exportable=False,
        help="What differs from the version before.",
    )

    _definition_day_uniq = models.UniqueIndex(
        "(definition_id, valid_from) WHERE active",
        "This KPI has another version from this day on.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        versions = super().create(vals_list)
        # They are a part of the meaning of their KPI.
        versions.definition_id._note_meaning()
        return versions

    @api.depends("definition_id.version_ids.valid_from", *METHOD_FIELDS)
    def _compute_changed_fields(self):
        for version in self:
            others = version.definition_id.version_ids.sorted("valid_from")
            before = others.filtered(
                lambda each, day=version.valid_from: each.valid_from < day
            )[-1:]
            changed = [
                version._fields[name]._description_string(self.env)
                for name in METHOD_FIELDS
                if before and version[name] != before[name]
            ]
            version.changed_fields = ", ".join(changed)
