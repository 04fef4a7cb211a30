"""What KPIs tell of benefits."""

from . import kpi_benefit_analysis
