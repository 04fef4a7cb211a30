from . import kpi_probe_visit
from . import kpi_probe_rain
from . import kpi_event
from . import kpi_home
from . import kpi_job
from . import kpi_dashboard_tile
from . import kpi_import_visit
