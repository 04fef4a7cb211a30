"""KPIs of initiatives: baselines, targets, shares, and benefits measured by them."""

from . import kpi_baseline
from . import kpi_baseline_window
from . import kpi_baseline_progress
from . import kpi_baseline_too_large
from . import kpi_baseline_warnings
from . import kpi_baseline_share
from . import kpi_baseline_claims
from . import kpi_baseline_entry
from . import kpi_baseline_measuring
from . import kpi_benefit_realization
from . import kpi_benefit_period
from . import kpi_initiative
from . import kpi_initiative_kpi
from . import kpi_definition
from . import kpi_event
from . import kpi_job
from . import kpi_audit_log
