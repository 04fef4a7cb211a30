"""All initiatives together: stored sums, what the dashboard shows, and its files."""

from . import kpi_initiative_month
from . import kpi_benefit_portfolio
from . import kpi_initiative_dashboard
