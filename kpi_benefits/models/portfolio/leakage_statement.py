"""SQL of open leakages, over what the user may read."""

from odoo.tools import SQL

from .portfolio_statement import rates_sql

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


def leakages_sql(**values) -> SQL:
    """Leakages by severity, and of initiatives that matter, in one currency.

    :param leakages: SELECT of ``initiative_id``, ``company_id``, ``severity`` and
        ``lost_value`` of those that count
    :param company, currency, today: whose rates, in what, of which day
    :return: SELECT of rows: initiative or None = all, severity, how many, what is lost,
        whether a rate is missing; of initiatives only critical ones and unpriced ones
    """
    return SQL(_LEAKAGES, **values, rates=rates_sql(values))
