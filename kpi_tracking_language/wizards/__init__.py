from . import kpi_lever_wizard
