from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KpiDefinition(models.Model):
    """Other names of a KPI, and the KPIs by which people move it."""

    _inherit = "kpi.definition"

    synonym_ids = fields.One2many(
        "kpi.definition.synonym",
        "definition_id",
        "Other Names",
        copy=False,
    )
    lever_ids = fields.Many2many(
        "kpi.definition",
        "kpi_definition_lever_rel",
        "definition_id",
        "lever_id",
        "Levers",
        copy=False,
        help="KPIs you can change to influence this one, such as spend or staff.",
    )

    @api.constrains("lever_ids", "formula")
    def _check_levers(self):
        for definition in self:
            for lever in definition.lever_ids:
                if definition in lever._with_components():
                    raise ValidationError(
                        self.env._(
                            "%(lever)s depends on %(kpi)s and cannot be its lever.",
                            lever=lever.name,
                            kpi=definition.name,
                        )
                    )
