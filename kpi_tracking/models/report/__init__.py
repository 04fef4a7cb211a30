"""A KPI tracked for somebody (``kpi.report``), by question:

- ``kpi_report``: its fields, who sees and changes it, and what it is part of
- ``_status``: latest value, achievement and status, stored by one statement
- ``_judgement``: what closed periods were judged by, frozen, and where a value is from
- ``_values``: values of many in any periods, what is drawn of them, and their parts
- ``_verdict``: how it stands, and of which period
- ``_finding``: the most important thing about a period, as one short sentence
- ``_figures``: the figures at the head of its form

Entering values is ``entry/``, scorecards ``scorecard/``.
"""

from . import kpi_report
from . import kpi_report_status
from . import kpi_report_judgement
from . import kpi_report_values
from . import kpi_report_verdict
from . import kpi_report_finding
from . import kpi_report_figures
from . import kpi_definition_tracking
from . import kpi_definition_levels
from . import kpi_tracking_rule
