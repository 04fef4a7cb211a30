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
    def _find_syncs(self, facts):
        """Fact → the sync that recorded it as it is now, or an empty recordset.

        It is the first import that ended after the value was recorded and wrote to its
        KPI; where that was of a file, there is none.
        """
        recorded = {
            fact: fact.recorded_at.replace(microsecond=0)
            for fact in facts
            if fact.source == "import"
        }
        found = dict.fromkeys(facts, self.browse())
        if not recorded:
            return found
        # How a value was computed is known to whoever sees it.
        later = self.sudo().search_fetch(
            [
                ("state", "=", "done"),
                ("finished_at", ">=", min(recorded.values())),
                ("company_id", "in", facts.report_id.company_id.ids),
            ],
            ["finished_at", "imported_ids", "integration_id"],
            order="id",
        )
        written = [(one, frozenset(one.imported_ids or ())) for one in later]
        for fact, moment in recorded.items():
            wrote = (
                one
                for one, ids in written
                if one.finished_at >= moment and fact.report_id.id in ids
            )
            found[fact] = next(wrote, self.browse()).filtered("integration_id")
        return found
