from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..benefit.kpi_benefit_status import CONFIRMED_AT_END
from .kpi_baseline import LARGEST, REPORTS, build_use_domain
from .kpi_baseline_progress import PARTIAL

LARGEST_AMOUNT = 1e12
MANY = 200  # KPIs or values, from which on all are joined at once
MEASURED_BY = {
    "adoption_id",
    "baseline_value",
    "baseline_date",
    "baseline_method",
    "control_baseline",
    "control_id",
    "report_id",
    "target_value",
    "unit_value",
    "volume_id",
    "window_from",
}
# Periods of a length belong to the months that hold the day ``shift`` days after their
# start: weeks to that of their Thursday, periods of 4 or 5 weeks to that of their third
# week. Longer ones belong to each of their months.
SPANS = SQL(
    """
    span(grain, shift, months, length) AS (
        VALUES ('day', 0, 1, interval '1 day'), ('week', 3, 1, interval '7 days'),
               ('month', 14, 1, interval '1 month'),
               ('quarter', 14, 3, interval '3 months'),
               ('year', 14, 12, interval '1 year')
    )
    """
)


class KpiBaseline(models.Model):
    """Realised value of benefits, from the values of KPIs, in a few statements.

    Per month: value of one unit × improvement (× adoption × volume) × share, less the
    control's change. ``_rebuild_measured`` does it for all, ``_update_measured`` for
    what changed; both write months that differ, and nothing else. A month that lacks
    one of these numbers has no value.
    """

    _inherit = "kpi.baseline"

    benefit_ids = fields.One2many("kpi.benefit.realization", "baseline_id", "Benefits")

    def _measure_changed_baselines(self, vals):
        if vals.keys() & MEASURED_BY:
            self._rebuild_measured(self)

    @api.model
    def _rebuild_measured(self, baselines=None):
        """Work out all months of the benefits that these KPIs measure.

        :param baselines: default: all there are
        :return: number of months that changed
        """
        if baselines is not None and not baselines:
            return 0
        chosen = SQL("TRUE")
        if baselines is not None:
            chosen = SQL("baseline.id = ANY(%s)", baselines.ids)
        return self._write_measured(
            SQL(
                """
                wanted AS MATERIALIZED (
                    SELECT baseline.id AS baseline_id, benefit.id AS benefit_id,
                           NULL::date AS month
                      FROM kpi_baselines AS baseline
                      JOIN benefit_realizations AS benefit
                        ON benefit.baseline_id = baseline.id
                     WHERE %s
                )
                """,
                chosen,
            ),
            SQL("TRUE"),
            is_large=baselines is None or len(baselines) > MANY,
        )

    @api.model
    def _measure_closed(self):
        """Work out the months of computed KPIs anew, as periods have come to an end.

        The value of a period need not change on the day after it.
        """
        computed = self.env["kpi.report"].search([("computation", "in", PARTIAL)])
        measuring = Domain("benefit_ids", "!=", False)
        return self._rebuild_measured(
            self.search(measuring & build_use_domain(computed.ids))
        )

    @api.model
    def _update_measured(self, changes):
        """Work out the months that changed values belong to.

        :param changes: ``FactChanges``
        :return: number of months that changed
        """
        if not self._find_measuring(changes.report_ids):
            return 0
        return self._write_measured(
            SQL(
                """
                touched AS (
                    SELECT report_id, grain, period_start
                      FROM kpi_measurement
                     WHERE id = ANY(%(facts)s)
                     UNION
                    SELECT report_id, grain, period_start
                      FROM kpi_measurement_revision
                     WHERE id = ANY(%(revisions)s)
                ),
                wanted AS MATERIALIZED (
                    SELECT DISTINCT baseline.id AS baseline_id,
                           benefit.id AS benefit_id,
                           (date_trunc('month', (touched.period_start + span.shift)
                                                ::timestamp)
                            + place * interval '1 month')::date AS month
                      FROM touched
                      JOIN span ON span.grain = touched.grain
                CROSS JOIN LATERAL generate_series(0, span.months - 1) AS place
                      JOIN LATERAL (%(users)s) AS baseline ON TRUE
                      JOIN benefit_realizations AS benefit
                        ON benefit.baseline_id = baseline.id
                )
                """,
                facts=[*changes.added_ids, *changes.changed_ids],
                revisions=changes.revision_ids,
                users=self._users_sql(SQL("= touched.report_id")),
            ),
            SQL(
                """
                fact.period_start >= (needed.month - span.shift
                                      - (span.months - 1) * interval '1 month')::date
                AND fact.period_start < (needed.month + interval '1 month')::date
                                        - span.shift
                """
            ),
            is_large=len(changes.added_ids) + len(changes.changed_ids) > MANY,
        )

    @api.model
    def _find_measuring(self, report_ids):
        """Whether benefits are measured by one of these KPIs."""
        self._flush_measured()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT 1
                  FROM (%s) AS baseline
                  JOIN benefit_realizations AS benefit
                    ON benefit.baseline_id = baseline.id
                 LIMIT 1
                """,
                self._users_sql(SQL("= ANY(%s)", report_ids)),
            )
        )
        return bool(rows)

    @api.model
    def _users_sql(self, condition):
        """SELECT of the baselines that use a KPI, each use by its own index."""
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT used.id FROM kpi_baselines AS used WHERE %s %s",
                SQL.identifier("used", name),
                condition,
            )
            for name in REPORTS
        )

    @api.model
    def _flush_measured(self):
        """Have the database know what these statements read."""
        for name in (
            "kpi.baseline",
            "kpi.baseline.share",
            "kpi.benefit.period",
            "kpi.benefit.realization",
            "kpi.definition",
            "kpi.report",
        ):
            self.env[name].flush_model()

    @api.model
    def _write_measured(self, wanted, facts, *, is_large):
        """Write the months that differ, then the sums of their benefits.

        :param wanted: CTE of (baseline, benefit, month), NULL = all its months
        :param facts: which values are read for the month ``needed``
        :param is_large: PostgreSQL expects a few rows of the steps in between, and
            would read them again for each other row
        """
        self._flush_measured()
        if is_large:
            self.env.cr.execute("SET LOCAL enable_nestloop = off")
        rows = self.env.execute_query(
            SQL(
                """
                WITH %(spans)s, %(wanted)s, %(monthly)s, %(measured)s
                UPDATE kpi_benefit_period AS period
                   SET realized = measured.amount,
                       is_measured = measured.amount IS NOT NULL
                  FROM measured
                 WHERE period.id = measured.period_id
                   AND (period.realized IS DISTINCT FROM measured.amount
                        OR period.is_measured
                           IS DISTINCT FROM (measured.amount IS NOT NULL))
             RETURNING period.benefit_id
                """,
                spans=SPANS,
                wanted=wanted,
                monthly=self._monthly_sql(facts),
                measured=self._measured_sql(),
            )
        )
        if is_large:
            self.env.cr.execute("SET LOCAL enable_nestloop = on")
        benefit_ids = sorted({benefit_id for (benefit_id,) in rows})
        if benefit_ids:
            self._sum_measured(benefit_ids)
        return len(rows)

    @api.model
    def _monthly_sql(self, facts):
        """CTE ``monthly``: value of each KPI in each month, and of how many periods.

        What adds up is the sum of its periods in the month; of a longer period the
        month's part. Everything else is their mean.
        """
        return SQL(
            """
            needed AS MATERIALIZED (
                SELECT DISTINCT role.report_id, wanted.month
                  FROM wanted
                  JOIN kpi_baselines AS baseline ON baseline.id = wanted.baseline_id
            CROSS JOIN LATERAL (
                         VALUES (baseline.report_id), (baseline.control_id),
                                (baseline.adoption_id), (baseline.volume_id)
                       ) AS role(report_id)
                 WHERE role.report_id IS NOT NULL
            ),
            spread AS (
                SELECT fact.report_id,
                       (date_trunc('month', (fact.period_start + span.shift)::timestamp)
                        + place * interval '1 month')::date AS month,
                       fact.value, span.months,
                       definition.aggregation_time = 'sum' AS is_sum
                  FROM needed
                  JOIN kpi_report AS report ON report.id = needed.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN span ON span.grain = definition.frequency
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = needed.report_id
                   AND fact.grain = span.grain
                   AND %(facts)s
                   AND fact.value BETWEEN -%(largest)s AND %(largest)s
                   AND (definition.computation <> ALL(%(partial)s)
                        OR fact.period_start + span.length <= %(today)s)
                  JOIN generate_series(0, 11) AS place ON place < span.months
                 WHERE ((date_trunc('month', (fact.period_start + span.shift)
                                             ::timestamp)
                         + place * interval '1 month')::date = needed.month)
                       IS NOT FALSE
            ),
            monthly AS MATERIALIZED (
                SELECT report_id, month,
                       CASE WHEN is_sum THEN sum(value) / months
                            ELSE avg(value) END AS value,
                       CASE WHEN is_sum THEN count(*)::float8 / months
                            ELSE 1 END AS periods
                  FROM spread
              GROUP BY report_id, month, is_sum, months
            )
            """,
            facts=facts,
            largest=LARGEST,
            # Of what is computed a running period has a part of its value.
            partial=list(PARTIAL),
            today=fields.Date.context_today(self),
        )

    @api.model
    def _measured_sql(self):
        """CTE ``measured``: what each month of a benefit brought; NULL = not known."""
        return SQL(
            """
            held AS MATERIALIZED (
                SELECT baseline_id, date_from, share,
                       lead(date_from) OVER (PARTITION BY baseline_id
                                                 ORDER BY date_from) AS date_to
                  FROM kpi_baseline_share
                 WHERE baseline_id IN (SELECT baseline_id FROM wanted)
            ),
            factor AS MATERIALIZED (
                SELECT baseline.*, currency.decimal_places,
                       CASE WHEN definition.direction = 'lower'
                              OR definition.direction = 'range'
                             AND baseline.target_value < baseline.baseline_value
                            THEN -1 ELSE 1 END AS sign,
                       CASE WHEN adoption_kpi.unit = 'percent'
                            THEN 0.01 ELSE 1 END AS adoption_scale
                  FROM kpi_baselines AS baseline
                  JOIN res_company AS company ON company.id = baseline.company_id
                  JOIN res_currency AS currency ON currency.id = company.currency_id
                  JOIN kpi_report AS report ON report.id = baseline.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
             LEFT JOIN kpi_report AS adoption_report
                    ON adoption_report.id = baseline.adoption_id
             LEFT JOIN kpi_definition AS adoption_kpi
                    ON adoption_kpi.id = adoption_report.definition_id
                 WHERE baseline.id IN (SELECT baseline_id FROM wanted)
            ),
            worked_out AS (
                SELECT period.id AS period_id, factor.decimal_places,
                       factor.unit_value * factor.sign
                       * (actual.value - actual.periods * factor.baseline_value
                          - CASE WHEN factor.control_id IS NULL THEN 0
                                 ELSE control.value
                                      - control.periods * factor.control_baseline END)
                       * CASE WHEN factor.adoption_id IS NULL THEN 1
                              ELSE adoption.value * factor.adoption_scale END
                       * CASE WHEN factor.volume_id IS NULL THEN 1
                              ELSE volume.value END
                       * held.share / 100 AS amount
                  FROM wanted
                  JOIN factor ON factor.id = wanted.baseline_id
                  JOIN kpi_benefit_period AS period
                    ON period.benefit_id = wanted.benefit_id
                   AND (period.period_start = wanted.month) IS NOT FALSE
             LEFT JOIN monthly AS actual
                    ON actual.report_id = factor.report_id
                   AND actual.month = period.period_start
                   AND (period.period_start + interval '1 month')::date - 1
                       > factor.baseline_date
             LEFT JOIN monthly AS control
                    ON control.report_id = factor.control_id
                   AND control.month = period.period_start
             LEFT JOIN monthly AS adoption
                    ON adoption.report_id = factor.adoption_id
                   AND adoption.month = period.period_start
             LEFT JOIN monthly AS volume
                    ON volume.report_id = factor.volume_id
                   AND volume.month = period.period_start
             LEFT JOIN held
                    ON held.baseline_id = factor.id
                   AND held.date_from <= period.period_start
                   AND (held.date_to > period.period_start) IS NOT FALSE
            ),
            measured AS (
                SELECT period_id,
                       CASE WHEN amount BETWEEN -%(most)s AND %(most)s
                            THEN round(amount::numeric, decimal_places) END AS amount
                  FROM worked_out
            )
            """,
            most=LARGEST_AMOUNT,
        )

    @api.model
    def _empty_measured(self, benefit_ids):
        """Take away what was measured of benefits that are entered from now on.

        No message says what it was: others may read the benefit from now on.
        """
        self._flush_measured()
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_benefit_period
                   SET realized = NULL, is_measured = FALSE
                 WHERE benefit_id = ANY(%s)
                   AND is_measured
                """,
                benefit_ids,
            )
        )
        self._sum_measured(benefit_ids)

    @api.model
    def _sum_measured(self, benefit_ids):
        """Bring the stored sums of benefits in line with their months."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE benefit_realizations AS benefit
                   SET realized_value = known.realized,
                       has_value = known.count > 0
                  FROM (SELECT benefit_id,
                               COALESCE(sum(realized), 0) AS realized,
                               count(realized) AS count
                          FROM kpi_benefit_period
                         WHERE benefit_id = ANY(%s)
                      GROUP BY benefit_id) AS known
                 WHERE benefit.id = known.benefit_id
                """,
                benefit_ids,
            )
        )
        self.env.invalidate_all()
        # The engine measures whatever the person may see who entered a value.
        confirmed = self.env["kpi.benefit.realization"].sudo()
        confirmed.search(
            [("id", "in", benefit_ids), ("status", "in", list(CONFIRMED_AT_END))]
        )._reopen_measured()
