from odoo import fields, models


class KpiAuditLeaf(models.Model):
    """Position of an entry in the tree whose root is anchored outside the database."""

    _name = "kpi.audit.leaf"
    _inherit = ["kpi.append.only.mixin"]
    _description = "Anchored Audit Entry"
    _log_access = False
    _order = "leaf_index"
    _rec_name = "leaf_index"

    leaf_index = fields.Integer(required=True, readonly=True)
    log_id = fields.Many2one(
        "kpi.audit.log", required=True, readonly=True, ondelete="restrict"
    )

    _leaf_index_uniq = models.UniqueIndex(
        "(leaf_index)", "This leaf index is already in use."
    )
    _log_uniq = models.UniqueIndex("(log_id)", "This entry is already anchored.")
