"""Rates of the day, as a table that SQL joins.

Nothing here converts amounts of records.
"""

from . import kpi_currency_rate
