from . import bus_bus
from . import kpi_report
from . import kpi_annotation
from . import kpi_dashboard
from . import kpi_measurement
from . import ir_websocket
