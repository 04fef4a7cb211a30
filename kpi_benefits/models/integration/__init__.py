"""Initiatives from files, and to programs."""

from . import kpi_import_initiative
from . import kpi_import_initiative_rows
from . import kpi_import_initiative_circles
from . import kpi_import_initiative_writing
from . import kpi_import_options
from . import kpi_initiative
from . import kpi_baseline
from . import kpi_benefit_assumption
from . import kpi_benefit_realization
