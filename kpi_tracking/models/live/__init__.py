from . import kpi_report
from . import kpi_measurement
from . import ir_websocket
