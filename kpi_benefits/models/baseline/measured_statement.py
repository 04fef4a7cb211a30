"""SQL of what months of benefits brought, from the values of KPIs."""

from datetime import date

from odoo.tools import SQL

LARGEST = 1e15
LARGEST_AMOUNT = 1e12
PARTIAL = ("records", "formula")  # what is computed of periods that run

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
    ),
    place(place) AS (
        VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)
    )
    """
)
# KPIs by day or week count from the day after the baseline on, longer periods whole.
_FACTORS = """
    factor AS MATERIALIZED (
        SELECT benefit.id AS benefit_id, baseline.id AS baseline_id,
               baseline.report_id, baseline.control_id, baseline.adoption_id,
               baseline.volume_id, baseline.baseline_date, baseline.baseline_value,
               baseline.control_baseline, currency.decimal_places,
               baseline.unit_value
               * CASE WHEN definition.direction = 'lower'
                        OR definition.direction = 'range'
                       AND baseline.target_value < baseline.baseline_value
                      THEN -1 ELSE 1 END
               * CASE WHEN adoption_kpi.unit = 'percent'
                      THEN 0.01 ELSE 1 END AS unit_value,
               CASE WHEN definition.frequency IN ('day', 'week')
                    THEN baseline.baseline_date + 1
                    ELSE date_trunc('month', baseline.baseline_date + 1)::date
               END AS counted_from
          FROM kpi_baselines AS baseline
          JOIN benefit_realizations AS benefit ON benefit.baseline_id = baseline.id
          JOIN res_company AS company ON company.id = baseline.company_id
          JOIN res_currency AS currency ON currency.id = company.currency_id
          JOIN kpi_report AS report ON report.id = baseline.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
     LEFT JOIN kpi_report AS adoption_report
            ON adoption_report.id = baseline.adoption_id
     LEFT JOIN kpi_definition AS adoption_kpi
            ON adoption_kpi.id = adoption_report.definition_id
         WHERE benefit.id IN (SELECT benefit_id FROM wanted)
    ),
    held AS MATERIALIZED (
        SELECT baseline_id, date_from, share,
               lead(date_from) OVER (PARTITION BY baseline_id
                                         ORDER BY date_from) AS date_to
          FROM kpi_baseline_share
         WHERE baseline_id IN (SELECT baseline_id FROM factor)
    ),
    needed AS MATERIALIZED (
        SELECT wanted.benefit_id, wanted.month, role.name AS role, role.report_id,
               span.grain, span.shift, span.months, span.length, place.place,
               definition.aggregation_time = 'sum' AS is_sum,
               factor.counted_from,
               CASE WHEN definition.computation = ANY(%(partial)s)
                    THEN %(today)s ELSE 'infinity'::date END AS counted_until
          FROM wanted
          JOIN factor ON factor.benefit_id = wanted.benefit_id
    CROSS JOIN LATERAL (
                 VALUES ('actual', factor.report_id), ('control', factor.control_id),
                        ('adoption', factor.adoption_id), ('volume', factor.volume_id)
               ) AS role(name, report_id)
          JOIN kpi_report AS report ON report.id = role.report_id
          JOIN kpi_definition AS definition ON definition.id = report.definition_id
          JOIN span ON span.grain = definition.frequency
          JOIN place ON place.place < span.months
    )
"""
# What adds up is the sum of its periods in the month; of a longer period the month's
# part. Everything else is their mean.
_MONTHLY = """
    spread AS (
        SELECT needed.benefit_id, needed.role, needed.is_sum, needed.months,
               (date_trunc('month', (fact.period_start + needed.shift)::timestamp)
                + needed.place * interval '1 month')::date AS month,
               fact.value
          FROM needed
          JOIN %(facts)s
            ON fact.value BETWEEN -%(largest)s AND %(largest)s
           AND fact.period_start + needed.length > needed.counted_from
           AND fact.period_start + needed.length <= needed.counted_until
         WHERE fact.report_id = needed.report_id
           AND fact.grain = needed.grain
           AND ((date_trunc('month', (fact.period_start + needed.shift)::timestamp)
                 + needed.place * interval '1 month')::date = needed.month) IS NOT FALSE
    ),
    monthly AS MATERIALIZED (
        SELECT benefit_id, role, month,
               CASE WHEN is_sum THEN sum(value) / months ELSE avg(value) END AS value,
               CASE WHEN is_sum THEN count(*)::float8 / months ELSE 1 END AS periods
          FROM spread
      GROUP BY benefit_id, role, month, is_sum, months
    ),
    extra AS MATERIALIZED (
        SELECT *
          FROM monthly
         WHERE role <> 'actual'
    )
"""
_MEASURED = """
    worked_out AS (
        SELECT factor.benefit_id, actual.month, factor.decimal_places,
               factor.unit_value
               * (actual.value - actual.periods * factor.baseline_value
                  - CASE WHEN factor.control_id IS NULL THEN 0
                         ELSE control.value
                              - control.periods * factor.control_baseline END)
               * CASE WHEN factor.adoption_id IS NULL THEN 1 ELSE adoption.value END
               * CASE WHEN factor.volume_id IS NULL THEN 1 ELSE volume.value END
               * held.share / 100 AS amount
          FROM monthly AS actual
          JOIN factor ON factor.benefit_id = actual.benefit_id
          JOIN held
            ON held.baseline_id = factor.baseline_id
           AND held.date_from <= actual.month
           AND (held.date_to > actual.month) IS NOT FALSE
     LEFT JOIN extra AS control
            ON control.benefit_id = actual.benefit_id
           AND control.month = actual.month
           AND control.role = 'control'
     LEFT JOIN extra AS adoption
            ON adoption.benefit_id = actual.benefit_id
           AND adoption.month = actual.month
           AND adoption.role = 'adoption'
     LEFT JOIN extra AS volume
            ON volume.benefit_id = actual.benefit_id
           AND volume.month = actual.month
           AND volume.role = 'volume'
         WHERE actual.role = 'actual'
           AND (actual.month + interval '1 month')::date - 1 > factor.baseline_date
    ),
    measured AS MATERIALIZED (
        SELECT benefit_id, month, round(amount::numeric, decimal_places) AS amount
          FROM worked_out
         WHERE amount BETWEEN -%(most)s AND %(most)s
    )
"""
_STEPS = "%(spans)s, %(wanted)s, %(factors)s, %(monthly)s, %(measured)s"
_WRITE = """
    WITH %(steps)s, %(written)s
    SELECT benefit_id, count(*)
      FROM written
  GROUP BY benefit_id
"""
_UNCOUNTED = """
    WITH %(steps)s
    SELECT factor.baseline_id, worked_out.month
      FROM worked_out
      JOIN factor ON factor.benefit_id = worked_out.benefit_id
     WHERE worked_out.amount NOT BETWEEN -%(most)s AND %(most)s
  ORDER BY factor.baseline_id, worked_out.month
"""
_WRITE_ALL = SQL(
    """
    known AS (
        UPDATE kpi_benefit_period AS period
           SET realized = measured.amount, is_measured = TRUE
          FROM measured
         WHERE period.benefit_id = measured.benefit_id
           AND period.period_start = measured.month
           AND (period.realized IS DISTINCT FROM measured.amount
                OR period.is_measured IS NOT TRUE)
     RETURNING period.benefit_id
    ),
    unknown AS (
        UPDATE kpi_benefit_period AS period
           SET realized = NULL, is_measured = FALSE
          FROM wanted
         WHERE period.benefit_id = wanted.benefit_id
           AND (period.realized IS NOT NULL OR period.is_measured)
           AND NOT EXISTS (SELECT 1
                             FROM measured
                            WHERE measured.benefit_id = period.benefit_id
                              AND measured.month = period.period_start)
     RETURNING period.benefit_id
    ),
    written AS (
        SELECT benefit_id FROM known UNION ALL SELECT benefit_id FROM unknown
    )
    """
)
# Of few values PostgreSQL is to find the rows by their indexes, whatever it expects of
# the steps before: OFFSET keeps the inner SELECT as it stands.
_FEW_FACTS = SQL(
    """
    LATERAL (
        SELECT report_id, grain, period_start, value
          FROM kpi_measurement
         WHERE report_id = needed.report_id
           AND grain = needed.grain
           AND period_start >= (needed.month - needed.shift
                                - (needed.months - 1) * interval '1 month')::date
           AND period_start < (needed.month + interval '1 month')::date - needed.shift
        OFFSET 0
    ) AS fact
    """
)
_WRITE_FEW = SQL(
    """
    looked_at AS MATERIALIZED (
        SELECT period.*
          FROM wanted
    CROSS JOIN LATERAL (
               SELECT id, benefit_id, period_start, realized, is_measured
                 FROM kpi_benefit_period
                WHERE benefit_id = wanted.benefit_id
                  AND period_start = wanted.month
               OFFSET 0
               ) AS period
    ),
    changed AS MATERIALIZED (
        SELECT looked_at.id, measured.amount
          FROM looked_at
     LEFT JOIN measured
            ON measured.benefit_id = looked_at.benefit_id
           AND measured.month = looked_at.period_start
         WHERE looked_at.realized IS DISTINCT FROM measured.amount
            OR coalesce(looked_at.is_measured, FALSE) <> (measured.amount IS NOT NULL)
    ),
    written AS (
        UPDATE kpi_benefit_period AS period
           SET realized = changed.amount, is_measured = changed.amount IS NOT NULL
          FROM changed
         WHERE period.id = changed.id
           AND period.id = ANY(ARRAY(SELECT id FROM changed))
     RETURNING period.benefit_id
    )
    """
)


def select_uncounted_sql(wanted: SQL, *, today: date) -> SQL:
    """SELECT of (baseline, month) that would bring more than an amount can be.

    :param wanted: CTE of (benefit, month): months without a value
    :param today: as of ``write_measured_sql``
    """
    steps = _steps_sql(wanted, _FEW_FACTS, today)
    return SQL(_UNCOUNTED, steps=steps, most=LARGEST_AMOUNT)


def write_measured_sql(wanted: SQL, *, has_months: bool, today: date) -> SQL:
    """Writes the months that differ; what lacks one of its numbers is not known.

    Per month: value of one unit × improvement (× adoption × volume) × share, less the
    control's change.

    :param wanted: CTE of (benefit, month)
    :param has_months: these months only; else the month is NULL: all of them
    :param today: of what is computed a running period has a part of its value
    :return: SELECT of benefits, and how many months of theirs were written
    """
    facts = _FEW_FACTS if has_months else SQL("kpi_measurement AS fact")
    written = _WRITE_FEW if has_months else _WRITE_ALL
    return SQL(_WRITE, steps=_steps_sql(wanted, facts, today), written=written)


def _steps_sql(wanted: SQL, facts: SQL, today: date) -> SQL:
    """CTEs from the months that are wanted to what was measured in them."""
    return SQL(
        _STEPS,
        spans=SPANS,
        wanted=wanted,
        factors=SQL(_FACTORS, partial=list(PARTIAL), today=today),
        monthly=SQL(_MONTHLY, facts=facts, largest=LARGEST),
        measured=SQL(_MEASURED, most=LARGEST_AMOUNT),
    )
