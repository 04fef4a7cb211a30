from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.tabular import TabularError
from odoo.addons.kpi_base.models.file_import.kpi_import import PROFILED_ROWS
from odoo.addons.kpi_base.repeat import LATE
from odoo.addons.kpi_tracking.models.integration.import_references import KPI_KEYS

SAMPLED_ROWS = 2_000


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

    unknown_names = fields.Json(readonly=True, copy=False, exportable=False)

    def _prepare_check_values(self, run, ranges, count):
        values = super()._prepare_check_values(run, ranges, count)
        if self.integration_id:
            unknown = values["check_page"]["unknown"]
            kept = ("key", "label", "text", "rows")
            values["unknown_names"] = [{k: one[k] for k in kept} for one in unknown]
        return values

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

    def _analyse(self, most_rows=PROFILED_ROWS):
        if self.integration_id.mapping_id:  # what its columns are is known
            most_rows = SAMPLED_ROWS
        result = super()._analyse(most_rows)
        if self.integration_id:
            # Nobody is there to be asked when it runs.
            unclear = self.column_ids.filtered(
                lambda column: column.can_group and not column.blank_means
            )
            # What its columns are is the engine's to write.
            unclear.sudo().blank_means = "nothing"
        if texts := self.integration_id.replaced_texts:
            # As whom the integration reads people is the engine's to write.
            self.sudo().replaced_texts = texts
        return result

    def _find_fixes(self, run):
        """Say of a KPI that is there that it comes to be tracked, not created."""
        fixes = super()._find_fixes(run)
        kpi = self.integration_id.definition_id
        fix = next((f for f in fixes if f.get("options") == ["creates_kpis"]), None)
        if not (kpi and fix):
            return fixes
        wrong = set().union(*(run.wrong[number] for number in run.refusals))
        unknown = {
            text
            for column in run.reader.columns
            if column.key in KPI_KEYS and column.index in wrong
            for text in self._read_cells(run, column.index)
        }
        if unknown <= {kpi.code, kpi.name}:
            fix["label"] = self.env._("Also track the KPI for these rows")
        return fixes

    def _describe_failure(self, error):
        """Store no text of Python where a person reads it; the server log has it."""
        values = super()._describe_failure(error)
        is_known = isinstance(error, (UserError, TabularError, *LATE))
        if self.integration_id and values["state"] == "failed" and not is_known:
            values["error"] = self.integration_id._describe_bug(error)
        return values

    @api.model
    def _find_syncs(self, facts):
        """Fact → the sync that recorded it as it is now, or an empty recordset.

        It is the first import that ended after the value was recorded and wrote to its
        KPI; where that was of a file, there is none.
        """
        self.flush_model(["company_id", "finished_at", "imported_ids", "state"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.id, sync.id
                  FROM kpi_measurement AS fact
                  JOIN kpi_report AS report ON report.id = fact.report_id
    CROSS JOIN LATERAL (
                       SELECT id, integration_id
                         FROM kpi_import
                        WHERE state = 'done'
                          AND company_id = report.company_id
                          AND finished_at >= date_trunc('second', fact.recorded_at)
                          AND imported_ids @> to_jsonb(fact.report_id)
                     ORDER BY id
                        LIMIT 1
                       ) AS sync
                 WHERE fact.id = ANY(%s)
                   AND fact.source = 'import'
                   AND sync.integration_id IS NOT NULL
                """,
                facts.ids,
            )
        )
        # How a value was computed is known to whoever sees it.
        found = {fact_id: self.sudo().browse(sync_id) for fact_id, sync_id in rows}
        return {fact: found.get(fact.id, self.browse()) for fact in facts}
