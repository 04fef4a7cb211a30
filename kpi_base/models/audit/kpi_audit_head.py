from odoo import fields, models


class KpiAuditHead(models.Model):
    """End of a record's chain, which the next entry links to.

    Moving it is what keeps two transactions from both adding the next entry.
    """

    _name = "kpi.audit.head"
    _description = "Audit Chain End"
    _log_access = False
    _rec_name = "model"

    model = fields.Char(required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Record", model_field="model", required=True, readonly=True
    )
    seq = fields.Integer("Number of Entries", required=True, readonly=True)
    previous_hash = fields.Char(
        required=True,
        readonly=True,
        help=("Hash before the entries of the last transaction."),
    )
    hash = fields.Char(required=True, readonly=True)

    _chain_uniq = models.UniqueIndex(
        "(model, res_id)", "An audit chain can have only one end."
    )
