from . import kpi_phone
