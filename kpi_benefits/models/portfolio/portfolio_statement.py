"""SQL of the portfolio: a constant number of statements over what the user may read."""

from odoo.tools import SQL

# Stored sums are what the user may know of an initiative where the user reads each of
# its benefits, of which none is archived; elsewhere their months are added up.
_AMOUNTS = """
    WITH benefit AS MATERIALIZED (%(benefits)s),
    wholly AS MATERIALIZED (
        SELECT initiative_id
          FROM (SELECT initiative_id, count(*) AS shown_count
                  FROM benefit
              GROUP BY initiative_id) AS shown
          JOIN (SELECT initiative_id, count(*) AS full_count
                  FROM benefit_realizations
              GROUP BY initiative_id) AS every USING (initiative_id)
         WHERE shown_count = full_count
    ),
    amount AS MATERIALIZED (
        SELECT initiative_id, period_start, month.planned::float8, reported_count,
               month.realized::float8, unreported::float8
          FROM kpi_initiative_month AS month
          JOIN wholly USING (initiative_id)
         WHERE period_count > 0
           AND period_start BETWEEN %(first)s AND %(last)s
     UNION ALL
        SELECT benefit.initiative_id, period_start, sum(planned)::float8,
               count(realized), coalesce(sum(realized), 0)::float8,
               coalesce(sum(LEAST(planned, 0)) FILTER (WHERE realized IS NULL), 0)
                   ::float8
          FROM benefit
    CROSS JOIN LATERAL (
               SELECT period_start, planned, realized
                 FROM kpi_benefit_period
                WHERE benefit_id = benefit.id
                  AND period_start BETWEEN %(first)s AND %(last)s
               OFFSET 0
               ) AS period
         WHERE benefit.initiative_id NOT IN (SELECT initiative_id FROM wholly)
      GROUP BY benefit.initiative_id, period_start
    ),
    owner AS (
        SELECT initiative.id AS initiative_id, currency_id
          FROM initiatives AS initiative
          JOIN res_company AS company ON company.id = initiative.company_id
         WHERE initiative.id IN (SELECT initiative_id FROM benefit)
    ),
    factor AS MATERIALIZED (
        SELECT currency.currency_id, period_start, %(factor)s AS factor
          FROM (SELECT DISTINCT currency_id FROM owner) AS currency
    CROSS JOIN (SELECT DISTINCT period_start FROM amount) AS month
     LEFT JOIN kpi_currency_rate AS own
            ON own.company_id = %(company)s AND own.currency_id = %(currency)s
           AND own.day = LEAST(period_start, %(today)s)
     LEFT JOIN kpi_currency_rate AS theirs
            ON theirs.company_id = %(company)s
           AND theirs.currency_id = currency.currency_id
           AND theirs.day = LEAST(period_start, %(today)s)
    )
    SELECT initiative_id, period_start, sum(planned * factor), sum(realized * factor),
           sum(planned * factor) FILTER (WHERE period_start < %(month)s),
           sum((realized + unreported) * factor)
               FILTER (WHERE period_start < %(month)s),
           count(*) FILTER (WHERE period_start >= %(recent)s
                              AND period_start < %(month)s),
           sum(reported_count) FILTER (WHERE period_start >= %(recent)s
                                         AND period_start < %(month)s)::int,
           sum(reported_count)::int, bool_or(factor IS NULL), NULL::varchar AS status
      FROM amount
      JOIN owner USING (initiative_id)
      JOIN factor USING (currency_id, period_start)
  GROUP BY GROUPING SETS ((initiative_id), (period_start))
 UNION ALL
    SELECT initiative_id, NULL, count(*), NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           status
      FROM benefit
  GROUP BY GROUPING SETS ((status), (initiative_id, status))
    HAVING GROUPING(initiative_id) = 1 OR status = 'at_risk'
"""
# The reader's own currency is worth 1 of it; another one needs a rate of the day.
_FACTOR = """
    CASE WHEN currency.currency_id = %(currency)s THEN 1
         ELSE COALESCE(own.rate, 1) / theirs.rate END
"""
_INITIATIVES = """
    WITH initiative AS MATERIALIZED (%(initiatives)s)
    SELECT initiative.id, status,
           planned_cost::float8 * factor, forecast_cost::float8 * factor,
           factor IS NULL AND COALESCE(planned_cost, forecast_cost) IS NOT NULL
      FROM initiative
      JOIN (%(rates)s) AS priced ON priced.id = initiative.company_id
"""
_RATES = """
    SELECT currency.id, %(factor)s AS factor
      FROM res_company AS currency
 LEFT JOIN kpi_currency_rate AS own
        ON own.company_id = %(company)s AND own.currency_id = %(currency)s
       AND own.day = %(today)s
 LEFT JOIN kpi_currency_rate AS theirs
        ON theirs.company_id = %(company)s
       AND theirs.currency_id = currency.currency_id
       AND theirs.day = %(today)s
"""


def amounts_sql(**values) -> SQL:
    """Amounts by initiative, and by month, in one currency.

    :param benefits: SELECT of ``id``, ``initiative_id``, ``company_id`` of those that
        count
    :param first, last, month, recent, today: days
    :param company, currency: ids: whose rates, and in what
    :return: SELECT of rows: initiative or month, planned, realised, both to date,
        recent months and values in these, all values, whether a rate is missing;
        then counts of benefits, by their status, and of those at risk by initiative
    """
    return SQL(_AMOUNTS, **values, factor=SQL(_FACTOR, **_of(values)))


def initiatives_sql(**values) -> SQL:
    """Status and costs of initiatives in one currency, at the rates of today."""
    return SQL(_INITIATIVES, **values, rates=rates_sql(values))


def rates_sql(values) -> SQL:
    """SELECT of companies, and what an amount of theirs is worth in one currency today.

    :param values: ``company``, ``currency`` and ``today``, among others
    """
    return SQL(_RATES, **values, factor=SQL(_FACTOR, **_of(values)))


def _of(values):
    return {"currency": values["currency"]}
