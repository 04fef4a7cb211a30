from . import kpi_initiative_kpi
