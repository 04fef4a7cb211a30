"""Tables of KPIs by period that say what is expected at the end."""

from . import kpi_period_report
