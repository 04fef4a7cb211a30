from odoo import api, models

from ...engine.fingerprint import hash_text
from ..fact.kpi_measurement import UpsertResult
from .kpi_source import SOURCE_FIELDS
from .kpi_source_fingerprint import Fingerprint

EXTERNAL = "external"


class KpiSource(models.Model):
    """Facts that another addon works out: planned, locked and noted like all others.

    ``model_name`` is a ``kpi.external.source`` here.
    """

    _inherit = "kpi.source"

    @api.model
    def _prepare_source_values(self, definition):
        if definition.computation != EXTERNAL or not definition.external_source:
            return super()._prepare_source_values(definition)
        return {
            **dict.fromkeys(SOURCE_FIELDS, False),
            "model_name": definition.external_source,
            "kind": EXTERNAL,
            "calendar_id": definition.calendar_id.id,
            "company_id": definition.company_id.id,
        }

    @api.model
    def _get_grains(self, definition):
        """Values are handed over for the KPI's own periods only."""
        if definition.computation != EXTERNAL:
            return super()._get_grains(definition)
        return [definition.frequency]

    def _plan(self, first=None, last=None):
        """As ``super``, with definitions instead of statements."""
        if self.kind != EXTERNAL:
            return super()._plan(first, last)
        # Values are worked out for everybody; who sees one is asked where it is shown.
        source = self.sudo()
        definitions = source._find_fitting(source.definition_ids.filtered("active"))
        if not definitions:
            return []
        chunks = source._split_periods(definitions, first, last)
        return [(definitions, periods) for periods in chunks]

    @api.model
    def _find_fitting(self, definitions):
        """Those of ``definitions`` whose source is there; the others say why not."""
        fitting = definitions.browse()
        for definition in definitions.sorted("id"):
            misfit = definition._find_external_misfit()
            definition._set_computation_error(misfit)
            if not misfit:
                fitting |= definition
        return fitting

    def _compute(self, statement, periods, *, force=False, reason=None):
        """As ``super``; what changed unseen is no drift: others know why it did."""
        if self.kind != EXTERNAL:
            return super()._compute(statement, periods, force=force, reason=reason)
        # The engine asks, whoever has a value computed.
        source, definitions = self.sudo(), statement
        known = source._fetch_fingerprints(periods)
        units = [
            (kpi.id, kpi.external_measure, kpi.history_start, kpi._unit_description())
            for kpi in definitions
        ]
        reports = source._hash_reports(definitions)
        shared = hash_text(repr([units, sorted(reports.items())]))
        given = source.env[source.model_name]._get_fingerprints(definitions, periods)
        current = {
            period.start: Fingerprint(
                f"{shared}|{hash_text(given[period.start])}", {}, {}
            )
            for period in periods
        }
        due = [
            period
            for period in periods
            if force or known.get(period.start) != current[period.start]
        ]
        if not due:
            return UpsertResult()
        rows = source._external_rows(definitions, due)
        facts = source.env["kpi.measurement"]
        result = facts._upsert(source.grain, rows, source=EXTERNAL, reason=reason)
        source._store_fingerprints({p.start: current[p.start] for p in due})
        return result

    def _external_rows(self, definitions, periods):
        """The facts, none before the history of their KPI.

        :raises ValueError: a fact that was not asked for
        """
        starts = {period.start for period in periods}
        history = {
            report.id: definition.calendar_id._period(
                self.grain, definition.history_start
            ).start
            for definition in definitions
            for report in definition.report_ids
        }
        rows = []
        for row in self.env[self.model_name]._get_facts(definitions, periods):
            report_id, start = row[:2]
            if report_id not in history or start not in starts:
                raise ValueError(
                    f"{self.model_name} was not asked for a fact of kpi.report"
                    f" {report_id} on {start}"
                )
            if start >= history[report_id]:
                rows.append(row)
        return rows
