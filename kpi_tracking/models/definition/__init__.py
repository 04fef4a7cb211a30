"""Definitions of KPIs, and the rules by which they are tracked.

Counting records is ``source/``, evaluating formulas ``formula/``.
"""

from . import kpi_method_mixin
from . import kpi_zones_mixin
from . import kpi_definition_category
from . import kpi_definition
from . import kpi_definition_records
from . import kpi_definition_breakdown
from . import kpi_definition_staleness
from . import kpi_definition_domain
