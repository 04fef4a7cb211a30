from . import kpi_mcp_reading
