"""SQL of the portfolio: a constant number of statements over what the user may read."""

from odoo.tools import SQL

BENEFIT_COLUMNS = (
    "id",
    "initiative_id",
    "company_id",
    "status",
    "name",
    "date_from",
    "expected_value",
)
# Stored sums are what the user may know of an initiative where the user reads each of
# its benefits, of which none is archived; elsewhere their months are added up. One row
# of lists: who may read which benefit is looked up once for all of them. DISTINCT says
# that there is one row of each: these are hashed then, not all months.
_AMOUNTS = """
    WITH benefit AS MATERIALIZED (%(benefits)s),
    shown AS MATERIALIZED (
        SELECT initiative_id, risk_count, readable.count = every.count AS is_whole,
               (SELECT currency_id
                  FROM res_company
                 WHERE id = readable.company_id) AS currency_id
          FROM (SELECT initiative_id, company_id, count(*),
                       count(*) FILTER (WHERE status = 'at_risk') AS risk_count
                  FROM benefit
              GROUP BY initiative_id, company_id) AS readable
          JOIN (SELECT initiative_id, count(*)
                  FROM benefit_realizations
              GROUP BY initiative_id) AS every USING (initiative_id)
    ),
    amount AS (
        SELECT initiative_id, currency_id, period_start, month.planned::float8,
               reported_count, month.realized::float8, unreported::float8
          FROM kpi_initiative_month AS month
          JOIN (SELECT DISTINCT ON (initiative_id) initiative_id, currency_id
                  FROM shown
                 WHERE is_whole) AS whole USING (initiative_id)
         WHERE period_count > 0
           AND period_start BETWEEN %(first)s AND %(last)s
     UNION ALL
        SELECT initiative_id, currency_id, period_start, sum(planned)::float8,
               count(realized), coalesce(sum(realized), 0)::float8,
               coalesce(sum(LEAST(planned, 0)) FILTER (WHERE realized IS NULL), 0)
                   ::float8
          FROM shown
          JOIN benefit USING (initiative_id)
    CROSS JOIN LATERAL (
               SELECT period_start, planned, realized
                 FROM kpi_benefit_period
                WHERE benefit_id = benefit.id
                  AND period_start BETWEEN %(first)s AND %(last)s
               OFFSET 0
               ) AS period
         WHERE NOT is_whole
      GROUP BY initiative_id, currency_id, period_start
    ),
    priced AS (
        SELECT currency.*, %(factor)s AS factor
          FROM amount AS currency
     LEFT JOIN kpi_currency_rate AS own
            ON own.company_id = %(company)s AND own.currency_id = %(currency)s
           AND own.day = LEAST(period_start, %(today)s)
     LEFT JOIN kpi_currency_rate AS theirs
            ON theirs.company_id = %(company)s
           AND theirs.currency_id = currency.currency_id
           AND theirs.day = LEAST(period_start, %(today)s)
    ),
    added AS MATERIALIZED (
        SELECT initiative_id, period_start, sum(planned * factor) AS planned,
               sum(realized * factor) AS realized,
               sum(planned * factor)
                   FILTER (WHERE period_start < %(month)s) AS planned_to_date,
               sum((realized + unreported) * factor)
                   FILTER (WHERE period_start < %(month)s) AS realized_to_date,
               count(*) FILTER (WHERE period_start >= %(recent)s
                                  AND period_start < %(month)s) AS recent,
               sum(reported_count) FILTER (WHERE period_start >= %(recent)s
                                             AND period_start < %(month)s) AS reported,
               sum(reported_count) AS reported_count,
               bool_or(factor IS NULL) AS is_unpriced
          FROM priced
      GROUP BY GROUPING SETS ((initiative_id), (period_start))
    ),
    counted AS (
        SELECT status, count(*)
          FROM benefit
      GROUP BY status
    ),
    rate AS MATERIALIZED (%(rates)s),
    bubble AS (%(bubbles)s)
    SELECT (SELECT coalesce(json_agg(json_build_array(
                       initiative_id, planned, realized, planned_to_date,
                       realized_to_date, recent, reported, risk_count, is_unpriced
                   )), '[]')
              FROM added
              JOIN shown USING (initiative_id)),
           (SELECT coalesce(json_agg(json_build_array(
                       period_start, planned, realized, realized_to_date,
                       reported_count
                   ) ORDER BY period_start), '[]')
              FROM added
             WHERE period_start IS NOT NULL),
           (SELECT coalesce(json_object_agg(status, count), '{}') FROM counted),
           (SELECT coalesce(json_agg(bubble), '[]') FROM bubble)
"""
# The largest benefits that still run and have a confidence score.
_BUBBLES = """
    SELECT benefit.id, benefit.name, benefit.date_from AS start,
           expected_value::float8 * factor AS planned,
           probability AS confidence, latest.date AS scored_on
      FROM benefit
      JOIN rate ON rate.id = benefit.company_id
      JOIN (SELECT DISTINCT ON (benefit_id) benefit_id, probability, date
              FROM benefit_confidence_scores
          ORDER BY benefit_id, date DESC, id DESC
           ) AS latest ON latest.benefit_id = benefit.id
     WHERE status <> ALL(%(ended)s)
       AND expected_value > 0
       AND factor IS NOT NULL
  ORDER BY planned DESC, benefit.id
     LIMIT %(most)s
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
           factor IS NULL AND COALESCE(planned_cost, forecast_cost) IS NOT NULL,
           approved_on IS NOT NULL
      FROM initiative
      JOIN (%(rates)s) AS priced ON priced.id = initiative.company_id
"""
_LEAKAGES = """
    WITH leakage AS MATERIALIZED (%(leakages)s)
    SELECT initiative_id, severity, count(*), sum(lost_value::float8 * factor),
           bool_or(factor IS NULL AND lost_value <> 0)
      FROM leakage
      JOIN (%(rates)s) AS priced ON priced.id = leakage.company_id
  GROUP BY GROUPING SETS ((severity), (initiative_id, severity))
    HAVING GROUPING(initiative_id) = 1
        OR severity = 'critical'
        OR bool_or(factor IS NULL AND lost_value <> 0)
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


def amounts_sql(*, ended, most, **values) -> SQL:
    """Amounts by initiative, and by month, in one currency, and what else is shown.

    :param benefits: SELECT of ``BENEFIT_COLUMNS`` of those that count
    :param first, last, month, recent, today: days
    :param company, currency: ids: whose rates, and in what
    :param ended: statuses of benefits of which nobody is confident any more
    :param most: so many of those are told that have a confidence score
    :return: SELECT of four JSON values: lists of initiatives (id, planned, realised,
        both to date, recent months, values in these, benefits at risk, whether a rate
        is missing) and of months (day, planned, realised, realised to date, values);
        benefits by status; the largest ones with their confidence, as objects
    """
    return SQL(
        _AMOUNTS,
        **values,
        bubbles=SQL(_BUBBLES, ended=list(ended), most=most),
        factor=SQL(_FACTOR, currency=values["currency"]),
        rates=rates_sql(values),
    )


def initiatives_sql(**values) -> SQL:
    """Status and costs of initiatives in one currency, at the rates of today.

    :return: SELECT of rows: id, status, planned and forecast cost, whether a rate is
        missing, whether it was approved
    """
    return SQL(_INITIATIVES, **values, rates=rates_sql(values))


def leakages_sql(**values) -> SQL:
    """Leakages by severity, and of initiatives that matter, in one currency.

    :param leakages: SELECT of ``initiative_id``, ``company_id``, ``severity`` and
        ``lost_value`` of those that count
    :param company, currency, today: whose rates, in what, of which day
    :return: SELECT of rows: initiative or None = all, severity, how many, what is lost,
        whether a rate is missing; of initiatives only critical ones and unpriced ones
    """
    return SQL(_LEAKAGES, **values, rates=rates_sql(values))


def rates_sql(values) -> SQL:
    """SELECT of companies, and what an amount of theirs is worth in one currency."""
    return SQL(_RATES, **values, factor=SQL(_FACTOR, currency=values["currency"]))
