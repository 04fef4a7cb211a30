from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..benefit.kpi_benefit_status import CONFIRMED_AT_END
from .kpi_baseline import REPORTS, build_use_domain
from .kpi_baseline_progress import PARTIAL
from .measured_statement import write_measured_sql

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


class KpiBaseline(models.Model):
    """Realised value of benefits, from the values of KPIs, in a few statements.

    ``_rebuild_measured`` does it for all, ``_update_measured`` for what changed; both
    write months that differ, and nothing else.
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
        chosen = SQL("benefit.baseline_id IS NOT NULL")
        if baselines is not None:
            chosen = SQL("benefit.baseline_id = ANY(%s)", baselines.ids)
        return self._write_measured(
            SQL(
                """
                wanted AS MATERIALIZED (
                    SELECT benefit.id AS benefit_id, NULL::date AS month
                      FROM benefit_realizations AS benefit
                     WHERE %s
                )
                """,
                chosen,
            ),
            has_months=False,
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
                    SELECT DISTINCT benefit.id AS benefit_id,
                           (date_trunc('month', (touched.period_start + span.shift)
                                                ::timestamp)
                            + place.place * interval '1 month')::date AS month
                      FROM touched
                      JOIN span ON span.grain = touched.grain
                      JOIN place ON place.place < span.months
                      JOIN LATERAL (%(users)s) AS baseline ON TRUE
                      JOIN benefit_realizations AS benefit
                        ON benefit.baseline_id = baseline.id
                )
                """,
                facts=[*changes.added_ids, *changes.changed_ids],
                revisions=changes.revision_ids,
                users=self._users_sql(SQL("= touched.report_id")),
            ),
            has_months=True,
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
    def _write_measured(self, wanted, *, has_months, is_large):
        """Write the months that differ, then the sums of their benefits.

        :param wanted: CTE of (benefit, month), NULL = all its months
        :param has_months: whether these are months, not NULL
        :param is_large: PostgreSQL expects a few rows of the steps in between, and
            would read them again for each other row
        """
        self._flush_measured()
        today = fields.Date.context_today(self)
        if is_large:
            self.env.cr.execute("SET LOCAL enable_nestloop = off; SET LOCAL jit = off")
        rows = self.env.execute_query(
            write_measured_sql(wanted, has_months=has_months, today=today)
        )
        if is_large:
            self.env.cr.execute(
                "SET LOCAL enable_nestloop TO DEFAULT; SET LOCAL jit TO DEFAULT"
            )
        if rows:
            self._sum_measured(sorted(benefit_id for benefit_id, _count in rows))
        return sum(count for _benefit_id, count in rows)

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
