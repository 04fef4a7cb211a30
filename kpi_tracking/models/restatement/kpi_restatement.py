from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.fields import OptionalFloat

from ..fact.kpi_measurement import CAUSES, ROUNDING

# of a definition: what the statement below reads
READ = (
    "calendar_id",
    "computation",
    "frequency",
    "measure",
    "restatement_tolerance",
    "settling_days",
)
# What a closed period's value had settled at: a SELECT for a lateral join beside a row
# ``settling`` with ``report_id``, ``grain``, ``period_start`` and ``settled_on``;
# ``recorded_at`` says whether there was a value by then.
SETTLED = """
    SELECT old_value, recorded_at
      FROM kpi_measurement_revision
     WHERE report_id = settling.report_id
       AND grain = settling.grain
       AND period_start = settling.period_start
       AND replaced_at > settling.settled_on
  ORDER BY id
     LIMIT 1
"""
# Whether a value ``settled`` was a 0 only as the company had nothing to count yet: with
# a row ``begun`` of ``_first_days_sql``.
WAS_EMPTY = """
    (settled.old_value = 0 AND settling.period_start < begun.first_day) IS TRUE
"""
# Of a KPI whose value can be a 0 as nothing is there: counts and sums of records, and
# what stands on such.
COUNTED = """
    (definition.computation IN ('external', 'formula')
     OR definition.computation = 'records'
        AND definition.measure IN ('count', 'distinct', 'sum'))
"""
# What is asked about, and what it is judged by: of each KPI once.
WATCHED = """
    asked AS MATERIALIZED (%(keys)s),
    watched AS MATERIALIZED (
        SELECT report.id AS report_id, definition.calendar_id,
               definition.frequency AS grain,
               definition.restatement_tolerance AS tolerance,
               definition.settling_days * INTERVAL '1 day' AS days
          FROM kpi_report AS report
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
         WHERE definition.frequency = %(grain)s
           AND report.id IN (SELECT report_id FROM asked)
    )
"""
MOST_WRITTEN = 100
# causes that no record's change is behind
NOT_OF_RECORDS = {"definition", "people", "rates", "target", "time"}


class Restated(NamedTuple):
    """A closed period that was restated, as screens and files tell of it.

    :ivar new_value: None = the value is gone
    :ivar cause: a key of ``CAUSES``
    """

    report_id: int
    period_start: object
    settled_on: object
    settled_value: float
    new_value: float | None
    cause: str
    restated_on: object


class KpiRestatement(models.Model):
    """A closed period whose value left the tolerance around the one it had settled at.

    Kept by ``_watch`` for the KPI's own periods, from its revisions: small steps add
    up, as each is compared with the settled value, and going back removes the row.
    """

    _name = "kpi.restatement"
    _description = "Restated KPI Value"
    _inherit = ["kpi.engine.rows.mixin", "kpi.period.value.mixin"]
    _order = "restated_on desc, id desc"
    _rec_name = "period_start"
    _log_access = False

    report_id = fields.Many2one(ondelete="cascade")
    settled_on = fields.Datetime(
        "Settled", required=True, readonly=True, help="Start of the settled state."
    )
    settled_value = fields.Float(required=True, readonly=True, aggregator=False)
    new_value = OptionalFloat(
        readonly=True, aggregator=False, help="Blank if the value was removed."
    )
    is_gone = fields.Boolean(
        string="Is Removed", required=True, readonly=True, default=False
    )
    cause = fields.Selection(CAUSES, readonly=True)
    restated_on = fields.Datetime("Restated", required=True, readonly=True, index=True)

    _report_period_uniq = models.UniqueIndex(
        "(report_id, grain, period_start)", "This period is already marked as restated."
    )

    def _get_refusal(self, operation):
        return self.env._("Restated values are found automatically.")

    def action_explain(self):
        """Open what explains the value of now."""
        self.ensure_one()
        return self.report_id.action_explain_period(self.grain, self.period_start)

    @api.model
    def _watch_changes(self, changes):
        """Find which of some changed facts are restated, and which no longer are."""
        # They were written together, and stand together: not all there are are read,
        # nor looked up one by one.
        ids = changes.revision_ids
        keys = [
            SQL(
                "SELECT report_id, period_start FROM kpi_measurement_revision"
                " WHERE id BETWEEN %s AND %s AND id + 0 = ANY(%s)",
                min(ids, default=0),
                max(ids, default=0),
                ids,
            )
        ]
        known = SQL(
            "SELECT 1 FROM kpi_restatement WHERE report_id = ANY(%s) LIMIT 1",
            changes.report_ids,
        )
        if changes.added_ids and self.env.execute_query(known):
            # What was gone may be back.
            keys.append(
                SQL(
                    """
                    SELECT fact.report_id, fact.period_start
                      FROM kpi_measurement AS fact
                      JOIN kpi_restatement AS known
                        ON known.report_id = fact.report_id
                       AND known.grain = fact.grain
                       AND known.period_start = fact.period_start
                     WHERE fact.id = ANY(%s)
                    """,
                    changes.added_ids,
                )
            )
        if changes.revision_ids or len(keys) > 1:
            self._watch(SQL(" UNION ").join(keys), changes.grain)

    @api.model
    def _watch(self, keys, grain):
        """Mark those of some periods that are restated, and no others of them.

        A value settles so many days after its period has closed, or after it was first
        recorded, where that is later: history that is computed once is no news.

        :param keys: a ``SQL`` SELECT of report ids and first days
        :param grain: only KPIs with periods of this length are looked at
        """
        keys = SQL(WATCHED, keys=keys, grain=grain)
        asked = self.env.execute_query(
            SQL(
                """
                WITH %(keys)s
                SELECT watched.calendar_id, asked.period_start,
                       array_agg(asked.report_id) FILTER (WHERE fact.id IS NULL)
                  FROM asked
                  JOIN watched USING (report_id)
             LEFT JOIN kpi_measurement AS fact
                    ON fact.report_id = asked.report_id
                   AND fact.grain = %(grain)s
                   AND fact.period_start = asked.period_start
              GROUP BY watched.calendar_id, asked.period_start
                """,
                keys=keys,
                grain=grain,
            )
        )
        if not asked:
            return
        moments, gone = [], set()  # when the periods closed, UTC; KPIs without a value
        for calendar_id, start, report_ids in asked:
            gone.update(report_ids or ())
            calendar = self.env["kpi.calendar"].browse(calendar_id)
            period = calendar._period(grain, start)
            moments.append(periods.utc_bounds(calendar._spec(), period)[1])
        self.env["kpi.definition"].flush_model([*READ])
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(keys)s,
                settling AS (
                    SELECT asked.report_id, asked.period_start, watched.grain,
                           watched.tolerance,
                           GREATEST(closing.closed_at, first.recorded_at)
                           + watched.days AS settled_on
                      FROM asked
                      JOIN watched USING (report_id)
                      JOIN unnest(%(calendars)s::int[], %(starts)s::date[],
                                  %(moments)s::timestamp[])
                           AS closing(calendar_id, period_start, closed_at)
                        ON closing.calendar_id = watched.calendar_id
                       AND closing.period_start = asked.period_start
                      JOIN LATERAL (
                             SELECT recorded_at
                               FROM kpi_measurement_revision
                              WHERE report_id = asked.report_id
                                AND grain = %(grain)s
                                AND period_start = asked.period_start
                           ORDER BY id
                              LIMIT 1
                           ) AS first
                        ON GREATEST(closing.closed_at, first.recorded_at)
                           + watched.days < now() AT TIME ZONE 'UTC'
                ),
                found AS MATERIALIZED (
                    SELECT settling.report_id, settling.period_start,
                           settling.settled_on, settled.old_value AS settled_value,
                           fact.value AS new_value, since.cause, since.restated_on
                      FROM settling
                      JOIN LATERAL (%(settled)s) AS settled
                        ON settled.recorded_at <= settling.settled_on
                      JOIN LATERAL (
                             SELECT max(replaced_at) AS restated_on,
                                    CASE WHEN count(DISTINCT cause) > 1 THEN 'several'
                                         ELSE min(cause) END AS cause
                               FROM kpi_measurement_revision
                              WHERE report_id = settling.report_id
                                AND grain = %(grain)s
                                AND period_start = settling.period_start
                                AND replaced_at > settling.settled_on
                           ) AS since ON TRUE
                 LEFT JOIN kpi_measurement AS fact
                        ON fact.report_id = settling.report_id
                       AND fact.grain = %(grain)s
                       AND fact.period_start = settling.period_start
             LEFT JOIN (%(first_days)s) AS begun
                    ON begun.report_id = settling.report_id
                     WHERE settled.old_value IS NOT NULL
                       AND (fact.value IS NULL AND NOT %(was_empty)s
                            OR abs(fact.value - settled.old_value)
                               > abs(settled.old_value)
                                 * (tolerance / 100 + %(rounding)s))
                ),
                cleared AS (
                    DELETE FROM kpi_restatement AS known
                     USING asked
                     WHERE known.report_id = asked.report_id
                       AND known.period_start = asked.period_start
                       AND known.grain = %(grain)s
                       AND NOT EXISTS (
                             SELECT 1
                               FROM found
                              WHERE found.report_id = known.report_id
                                AND found.period_start = known.period_start)
                )
                INSERT INTO kpi_restatement AS known
                       (report_id, grain, period_start, settled_on, settled_value,
                        new_value, is_gone, cause, restated_on)
                SELECT report_id, %(grain)s, period_start, settled_on, settled_value,
                       new_value, new_value IS NULL, cause, restated_on
                  FROM found
              ORDER BY report_id, period_start
           ON CONFLICT (report_id, grain, period_start)
             DO UPDATE SET settled_on = EXCLUDED.settled_on,
                           settled_value = EXCLUDED.settled_value,
                           new_value = EXCLUDED.new_value,
                           is_gone = EXCLUDED.is_gone,
                           cause = EXCLUDED.cause,
                           restated_on = EXCLUDED.restated_on
                     WHERE (known.settled_value, known.new_value, known.settled_on)
                           IS DISTINCT FROM (EXCLUDED.settled_value,
                                             EXCLUDED.new_value, EXCLUDED.settled_on)
                 RETURNING id
                """,
                keys=keys,
                grain=grain,
                calendars=[calendar_id for calendar_id, _start, _gone in asked],
                starts=[start for _calendar_id, start, _gone in asked],
                moments=moments,
                settled=SQL(SETTLED),
                first_days=self._first_days_sql(gone),
                was_empty=SQL(WAS_EMPTY),
                rounding=ROUNDING,
            )
        )
        self.invalidate_model()
        if rows:
            # Whoever listens is the house; people read what their rules let them.
            restated = self.sudo().browse([id_ for (id_,) in rows])
            self.env["kpi.event"]._values_restated(restated)

    @api.model
    def _first_days_sql(self, report_ids):
        """SELECT of KPIs that count and ``first_day`` of what there is to count.

        A 0 from before it said that there was nothing yet: that it is gone is no news.
        """
        self.env["kpi.definition"].flush_model([*READ])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report.id, report.definition_id, report.company_id
                  FROM kpi_report AS report
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                 WHERE report.id = ANY(%s) AND %s
                """,
                list(report_ids),
                SQL(COUNTED),
            )
        )
        definitions = self.env["kpi.definition"].browse({row[1] for row in rows})
        days, found = definitions._find_first_days(), {}
        for report_id, definition_id, company_id in rows:
            if day := days[definition_id].get(company_id):
                found[report_id] = day
        return SQL(
            "SELECT * FROM unnest(%s::int[], %s::date[])"
            " AS counted(report_id, first_day)",
            list(found),
            list(found.values()),
        )

    @api.model
    def _list_restated(self, report_ids, first=None):
        """Restatements of KPIs that the caller has found readable, by one statement.

        :param first: first day of the earliest period; default: all are listed
        :return: list of ``Restated``, of each KPI the earliest period first
        """
        if not report_ids:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, settled_on, settled_value, new_value,
                       cause, restated_on
                  FROM kpi_restatement
                 WHERE report_id = ANY(%s)
                   AND period_start >= COALESCE(%s, period_start)
              ORDER BY report_id, period_start
                """,
                list(report_ids),
                first,
            )
        )
        return [Restated(*row) for row in rows]

    @api.model
    def _get_cause_texts(self):
        """What people read of each cause."""
        return dict(self._fields["cause"]._description_selection(self.env))

    def _find_written_since(self, model, ids):
        """Records of a period that were written after it had settled: a hint only.

        :param ids: of the records that the value counts and the user may read
        :return: ids, those written last first; at most ``MOST_WRITTEN``
        """
        records = self.env[model].with_context(active_test=False)
        if self.cause in NOT_OF_RECORDS or "write_date" not in records._fields:
            return []
        since = Domain("id", "in", ids) & Domain("write_date", ">", self.settled_on)
        order = "write_date desc, id desc"
        return records.search(since, order=order, limit=MOST_WRITTEN).ids

    @api.model
    def _round_alike(self, definition, settled, now):
        """Both values with the KPI's decimals, unless that hides how they differ.

        Amounts are as exact as their currency, as they are written with it.
        """
        if definition.unit == "currency":
            return settled, now
        rounded = round(settled, definition.decimals)
        if now is None:
            return rounded, None
        new = round(now, definition.decimals)
        return (rounded, new) if rounded != new else (settled, now)

    @api.model
    def _say_restated(self, definition, row, label):
        """One sentence on a restated period, such as a note on a chart.

        :param row: ``Restated``
        :param label: of the period
        """
        settled, now = self._round_alike(definition, row.settled_value, row.new_value)
        words = {"period": label, "settled": definition._format_value(settled)}
        if now is None:
            return self.env._(
                "%(period)s settled at %(settled)s and now has no value.",
                **words,
            )
        return self.env._(
            "%(period)s settled at %(settled)s and is now %(now)s (%(cause)s).",
            now=definition._format_value(now),
            cause=self._get_cause_texts().get(row.cause, ""),
            **words,
        )
