import json

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.postgres import is_storable

MOST_METADATA = 16_384  # bytes as JSON


class KpiDeal(models.Model):
    """Deals as other programs know them."""

    _inherit = "kpi.deal"

    external_ref = fields.Char(
        "External Reference",
        copy=False,
        help="ID of the deal in another system or file. Importing it again "
        "updates this deal.",
    )

    _external_ref_uniq = models.UniqueIndex(
        "(company_id, external_ref) WHERE external_ref IS NOT NULL",
        "A deal with this reference already exists.",
    )

    @api.constrains("metadata")
    def _check_metadata(self):
        for deal in self:
            metadata = deal.metadata
            if metadata and not isinstance(metadata, dict):
                raise ValidationError(
                    self.env._("%s: metadata must be a JSON object.", deal.title)
                )
            if not is_storable(metadata) or len(json.dumps(metadata)) > MOST_METADATA:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: metadata may contain finite numbers and "
                        "texts without NUL characters, up to %(size)s bytes.",
                        deal=deal.title,
                        size=MOST_METADATA,
                    )
                )
