from . import kpi_deal_roi
