from . import kpi_job
