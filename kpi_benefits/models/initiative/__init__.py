"""Initiatives: their programmes, status, gates and costs, and what they are worth."""

from . import kpi_initiative_part_mixin
from . import kpi_initiative
from . import kpi_initiative_gate
from . import kpi_discount_rate
from . import kpi_initiative_cost
from . import kpi_initiative_appraisal
