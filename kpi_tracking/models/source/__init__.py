"""Counting records: sources, the statements that read them, how changes are noticed.

Values of other apps come in by ``kpi.external.source``; formulas are ``formula/``.
"""

from . import kpi_source
from . import kpi_source_breakdown
from . import kpi_source_fingerprint
from . import kpi_currency_rate
from . import kpi_external_source
from . import kpi_definition_preview
