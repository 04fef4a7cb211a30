from datetime import timedelta

from psycopg2 import errors

from odoo import models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..fact.kpi_measurement_breakdown import COMBINED_BY, OTHER

TOLERANCE = 1e-9  # parts are added up in another order than their value


class KpiSource(models.Model):
    """Values per key of a field of the records: a pass of its own.

    Within the main pass they would cost ten times as much, as every aggregate would
    be stored once per key.
    """

    _inherit = "kpi.source"

    def _fill_breakdowns(self, statement, periods):
        """Write the largest keys and “other” of the years that ``periods`` lie in.

        A year decides which keys are its largest, so it is always looked at as a
        complete: a key does not come and go with the period, nor with what was computed
        in one run.
        """
        split = statement.definitions.filtered("breakdown_ids")
        if not split:
            return
        statement = self._statement(
            [each for each in statement.whole.stretches if each.kpi in split],
            statement.whole,
        )
        full_years = set(self._years_of(periods).values())
        first = min(year.start for year in full_years)
        last = max(year.stop for year in full_years)
        touched = self._years_of(self._periods(split, first, last - timedelta(days=1)))
        # A week that ends in the first year begins in one that is not looked at.
        wanted = [period for period, year in touched.items() if year in full_years]
        rows = SQL(" UNION ALL ").join(
            self._key_rows_sql(statement, path, wanted)
            for path in sorted(set(split.breakdown_ids.mapped("field_path")))
        )
        try:
            with self.env.cr.savepoint(flush=False):
                changed = self.env.execute_query(
                    self._breakdown_merge_sql(statement, rows, wanted, touched)
                )
        except errors.CheckViolation as error:
            raise ValidationError(
                self.env._("A breakdown value is not a finite number.")
            ) from error
        self._check_parts(split, periods)
        self.env["kpi.measurement.breakdown"].invalidate_model()
        reports = self.env["kpi.report"].browse(report_id for (report_id,) in changed)
        reports._announce()

    def _years_of(self, periods):
        """Period → the year that it begins in."""
        return {
            period: self.calendar_id._period("year", period.start) for period in periods
        }

    def _check_parts(self, split, periods):
        """Say on a KPI that the parts of a value do not add up to it, if so."""
        # Of weights with both signs a part may have none that counts in the whole.
        checked = split.filtered(
            lambda kpi: kpi.measure in COMBINED_BY and kpi.measure != "weighted_average"
        )
        overlapping = checked.breakdown_ids.filtered(lambda line: line._overlaps())
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (report.definition_id)
                       report.definition_id, report.id, part.field_path,
                       fact.period_start
                  FROM kpi_report AS report
                  JOIN kpi_measurement AS fact ON fact.report_id = report.id
                  JOIN kpi_measurement_breakdown AS part
                    ON part.report_id = report.id
                   AND part.grain = fact.grain
                   AND part.period_start = fact.period_start
                 WHERE report.definition_id = ANY(%(definitions)s)
                   AND report.active
                   AND fact.grain = %(grain)s
                   AND fact.period_start = ANY(%(starts)s)
                   AND (report.definition_id, part.field_path) NOT IN (
                         SELECT definition_id, field_path
                           FROM kpi_definition_breakdown
                          WHERE id = ANY(%(overlapping)s)
                       )
              GROUP BY report.id, part.field_path, fact.id
                HAVING abs(sum(part.value * %(share)s) - fact.value)
                       > %(tolerance)s * GREATEST(sum(abs(part.value * %(share)s)), 1)
              ORDER BY report.definition_id, report.id, fact.period_start
                """,
                definitions=checked.ids,
                share=SQL("COALESCE(part.weight / NULLIF(fact.weight, 0), 1)"),
                grain=self.grain,
                starts=[period.start for period in periods],
                overlapping=overlapping.ids,
                tolerance=TOLERANCE,
            )
        )
        for definition_id, report_id, path, start in rows:
            field = self.env["kpi.measurement.breakdown"]._field_at(
                self.model_name, path
            )
            period = self.calendar_id._period(self.grain, start)
            self.env["kpi.definition"].browse(definition_id)._set_computation_error(
                self.env._(
                    "%(report)s, %(period)s: the breakdown by %(field)s does not "
                    "match the value.",
                    report=self.env["kpi.report"].browse(report_id).display_name,
                    period=self.calendar_id._period_label(period),
                    field=field._description_string(self.env),
                )
            )

    def _key_rows_sql(self, split, path, periods):
        """Rows (report, period, path, key, value, weight, top count, combined by)."""
        using = [
            stretch
            for stretch in split.stretches
            if path in stretch.kpi.breakdown_ids.mapped("field_path")
        ]
        statement = self._statement(using, split.whole)
        top_counts, combined_by = [], []
        for stretch in statement.stretches:
            lines = stretch.kpi.breakdown_ids.filtered(
                lambda line: line.field_path == path
            )
            top_counts.append(lines[:1].top_count)
            how = COMBINED_BY.get(stretch.method.measure)
            combined_by.append(None if lines._overlaps() else how)
        slots = statement.slots_sql(
            top_count=("int", top_counts), combined_by=("text", combined_by)
        )
        key_column = self._key_column(statement, path)
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT report.id AS report_id, cell.period_start,
                       %(path)s AS field_path, cell.key,
                       cell.cells[slot.value_at] AS value,
                       cell.cells[slot.weight_at] AS weight, slot.top_count,
                       slot.combined_by
                  FROM (%(cells)s) AS cell
                  JOIN kpi_report AS report
                    ON report.scope_type = cell.scope_type
                   AND report.scope_id = cell.scope_id
                   AND report.company_id = cell.company_id
                   AND report.active
                  JOIN %(slots)s
                    ON slot.definition_id = report.definition_id
                   AND slot.first_start <= cell.period_start
                   AND slot.until_start > cell.period_start
                 WHERE cell.cells[slot.value_at] IS NOT NULL
                """,
                path=path,
                cells=statement.cells_sql(branch, periods, *key_column),
                slots=slots,
            )
            for branch in statement.branches(self._scope_types(statement.definitions))
        )

    @staticmethod
    def _key_column(statement, path):
        """The key as text and the join it needs; an empty text where nothing is set."""
        alias, field = statement.stored_end(path)
        if field.type != "many2many":
            return SQL("COALESCE((%s)::text, '')", statement.column(path)), SQL()
        join = SQL(
            "LEFT JOIN %s AS key_relation ON key_relation.%s = %s",
            SQL.identifier(field.relation),
            SQL.identifier(field.column1),
            SQL.identifier(alias, "id"),
        )
        column = SQL("key_relation.%s", SQL.identifier(field.column2))
        return SQL("COALESCE(%s::text, '')", column), join

    def _breakdown_merge_sql(self, statement, rows, periods, years):
        """Keep the largest keys of a year, add “other”, remove what is not there.

        Of averages the largest are those of the most weight, as their values alone say
        nothing of how much of the whole is left for “other”.

        :param statement: of what ``rows`` are of; parts of others stay
        """
        return SQL(
            """
            WITH period AS (%(period_rows)s),
            dated AS (
                SELECT * FROM unnest(%(starts)s::date[], %(years)s::date[])
                           AS dated(period_start, year)
            ),
            part AS MATERIALIZED (
                SELECT part.*, dated.year
                  FROM (%(rows)s) AS part
                  JOIN dated USING (period_start)
            ),
            ranked AS (
                SELECT report_id, field_path, year, key,
                       row_number() OVER (
                         PARTITION BY report_id, field_path, year
                         ORDER BY sum(CASE combined_by WHEN 'mean' THEN abs(weight)
                                           ELSE abs(value) END) DESC NULLS LAST,
                                  key) AS key_rank
                  FROM part
              GROUP BY report_id, field_path, year, key
            ),
            retained AS (
                SELECT part.*
                  FROM part
                  JOIN ranked USING (report_id, field_path, year, key)
                 WHERE ranked.key_rank <= part.top_count
            ),
            rest AS (
                SELECT part.*, sum(weight) OVER (
                         PARTITION BY report_id, part.period_start, field_path
                       ) AS whole
                  FROM part
                  JOIN ranked USING (report_id, field_path, year, key)
                 WHERE ranked.key_rank > part.top_count
                   AND part.combined_by IS NOT NULL
            ),
            other AS (
                SELECT report_id, period_start, field_path, %(other)s AS key,
                       sum(CASE combined_by
                             WHEN 'mean' THEN value * (weight / NULLIF(whole, 0))
                             ELSE value
                           END) AS value,
                       sum(weight) AS weight
                  FROM rest
              GROUP BY report_id, period_start, field_path
            ),
            wanted AS (
                SELECT report_id, period_start, field_path, key, value, weight
                  FROM retained
                 UNION ALL
                SELECT * FROM other WHERE value IS NOT NULL
            ),
            removed AS (
                DELETE FROM kpi_measurement_breakdown AS known
                 USING kpi_report AS report, %(slots)s
                 WHERE report.id = known.report_id
                   AND report.definition_id = slot.definition_id
                   AND known.period_start >= slot.first_start
                   AND known.period_start < slot.until_start
                   AND known.grain = %(grain)s
                   AND known.period_start = ANY(%(starts)s)
                   AND NOT EXISTS (
                         SELECT 1
                           FROM wanted
                          WHERE wanted.report_id = known.report_id
                            AND wanted.period_start = known.period_start
                            AND wanted.field_path = known.field_path
                            AND wanted.key = known.key
                       )
             RETURNING known.report_id
            ),
            written AS (
                INSERT INTO kpi_measurement_breakdown
                       (report_id, grain, period_start, field_path, key, value,
                        weight)
                SELECT report_id, %(grain)s, period_start, field_path, key, value,
                       weight
                  FROM wanted
              ORDER BY report_id, period_start, field_path, key
                    ON CONFLICT (report_id, grain, period_start, field_path, key)
                    DO UPDATE SET value = EXCLUDED.value, weight = EXCLUDED.weight
                 WHERE (kpi_measurement_breakdown.value,
                        kpi_measurement_breakdown.weight)
                       IS DISTINCT FROM (EXCLUDED.value, EXCLUDED.weight)
             RETURNING report_id
            )
            SELECT report_id FROM written UNION SELECT report_id FROM removed
            """,
            period_rows=self._period_rows_sql(periods),
            rows=rows,
            other=OTHER,
            grain=self.grain,
            slots=statement.slots_sql(),
            starts=[period.start for period in periods],
            years=[years[period].start for period in periods],
        )
