"""All initiatives together: stored sums, what the dashboard shows, and its files."""

from . import kpi_initiative_month
from . import kpi_benefit_portfolio
from . import kpi_benefit_portfolio_leakage
from . import kpi_benefit_portfolio_lists
from . import kpi_benefit_portfolio_file
from . import kpi_initiative_gate
from . import kpi_benefit_realization
from . import kpi_initiative_dashboard
