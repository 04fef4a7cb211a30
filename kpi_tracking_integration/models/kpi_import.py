from odoo import api, fields, models


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

    def _analyse(self):
        result = super()._analyse()
        if texts := self.integration_id.replaced_texts:
            # As whom the integration reads people is the engine's to write.
            self.sudo().replaced_texts = texts
        return result

    @api.model
    def _find_sync(self, fact):
        """The sync that recorded a value as it is now, or an empty recordset.

        It is the first import that ended after the value was recorded and wrote to its
        KPI; where that was of a file, there is none.
        """
        if fact.source != "import":
            return self.browse()
        # How a value was computed is known to whoever sees it.
        later = self.sudo().search(
            [
                ("state", "=", "done"),
                ("finished_at", ">=", fact.recorded_at.replace(microsecond=0)),
                ("company_id", "=", fact.report_id.company_id.id),
            ],
            order="id",
        )
        ids = {fact.report_id.id}
        wrote = (one for one in later if ids & {*(one.imported_ids or ())})
        return next(wrote, later.browse()).filtered("integration_id")
