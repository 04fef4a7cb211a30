from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.tokens import words


class KpiDefinitionSynonym(models.Model):
    """Another name by which questions mean a KPI."""

    _name = "kpi.definition.synonym"
    _description = "Other Name of a KPI"
    _order = "definition_id, text, id"
    _rec_name = "text"

    definition_id = fields.Many2one(
        "kpi.definition", "KPI", required=True, ondelete="cascade", index=True
    )
    text = fields.Char("Name", required=True)
    language = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        help="In which language it is said so. Questions in other languages may use it "
        "too.",
    )

    _text_uniq = models.UniqueIndex(
        "(definition_id, lower(text))", "The KPI has this name already."
    )

    @api.constrains("text")
    def _check_text(self):
        for synonym in self:
            if not words(synonym.text):
                raise ValidationError(
                    self.env._("“%s” has no letter or digit.", synonym.text)
                )
