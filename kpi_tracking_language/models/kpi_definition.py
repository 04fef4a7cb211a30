from odoo import fields, models


class KpiDefinition(models.Model):
    """A KPI goes by more names than one."""

    _inherit = "kpi.definition"

    synonym_ids = fields.One2many(
        "kpi.definition.synonym",
        "definition_id",
        "Other Names",
        copy=False,
        help="Names by which questions mean this KPI, beside its own and its code.",
    )
