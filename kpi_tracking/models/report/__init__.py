"""A KPI tracked for somebody (``kpi.report``), a piece of the model per question:

- ``kpi_report``: its fields; ``_access``: who sees and changes it
- ``_status``: latest value, achievement and status, stored by one statement
- ``_judgement``: what closed periods were judged by, frozen
- ``_values``: values of many in any periods; ``_series``: beside targets and status
- ``_chart``: what the form draws over time; ``_year_to_date``: since the year began
- ``_explain``, ``_breakdown``: where a value comes from, and its parts
- ``_relations``: what it is part of and made of; ``_display``: what views show of it
- ``_asked_period``: the period that a screen opened the form with
- ``_star``: marked by people for themselves

Entering values is ``entry/``, scorecards ``scorecard/``.
"""

from . import kpi_report
from . import kpi_report_access
from . import kpi_report_status
from . import kpi_report_judgement
from . import kpi_report_values
