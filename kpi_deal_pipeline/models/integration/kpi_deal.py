import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.postgres import is_storable

MOST_METADATA = 16_384  # bytes as JSON


class KpiDeal(models.Model):
    """Deals as other programs know them."""

    _inherit = "kpi.deal"

    external_ref = fields.Char(
        "Reference Elsewhere",
        copy=False,
        help="How another program or a file calls the deal; importing it again changes"
        " the same deal.",
    )

    _external_ref_uniq = models.UniqueIndex(
        "(company_id, external_ref) WHERE external_ref IS NOT NULL",
        "There is a deal with this reference already.",
    )

    @api.constrains("metadata")
    def _check_metadata(self):
        for deal in self:
            metadata = deal.metadata
            if metadata and not isinstance(metadata, dict):
                raise ValidationError(
                    self.env._("%s: the metadata is an object of names.", deal.title)
                )
            if not is_storable(metadata) or len(json.dumps(metadata)) > MOST_METADATA:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: the metadata holds finite numbers, texts without NUL"
                        " and at most %(size)s bytes.",
                        deal=deal.title,
                        size=MOST_METADATA,
                    )
                )
