from . import kpi_warehouse_preview
