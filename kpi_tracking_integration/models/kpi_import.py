from odoo import fields, models


class KpiImport(models.Model):
    """Imports of what another system gave: the log of an integration."""

    _inherit = "kpi.import"

    integration_id = fields.Many2one(
        "kpi.integration",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    def _find_mapping(self, titles):
        """What the columns of an integration are is chosen there, not found by titles
        that some file has as well."""
        if not self.integration_id:
            return super()._find_mapping(titles)
        known = self.integration_id.mapping_id
        return known.filtered(lambda mapping: mapping.titles == titles)

    def _store_mapping(self):
        if not self.integration_id:
            return super()._store_mapping()
        return self.integration_id._store_mapping(self)
