from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.tokens import words


class KpiDefinitionSynonym(models.Model):
    """Another name by which questions mean a KPI."""

    _name = "kpi.definition.synonym"
    _description = "Other KPI Name"
    _order = "definition_id, text, id"
    _rec_name = "text"

    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, ondelete="cascade", index=True
    )
    text = fields.Char("Name", required=True)
    language = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        help="Language of this name. Questions in any language can use it.",
    )

    _text_uniq = models.UniqueIndex(
        "(definition_id, lower(text))", "This KPI already has this name."
    )

    @api.constrains("text")
    def _check_text(self):
        for synonym in self:
            if not words(synonym.text):
                raise ValidationError(
                    self.env._("“%s” needs a letter or digit.", synonym.text)
                )
