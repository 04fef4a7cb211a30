"""Event logs: imported, exported, and as a map of what follows on what."""

from . import kpi_tat_event
from . import kpi_tat_request
from . import kpi_tat_request_log
from . import kpi_tat_request_file
from . import kpi_tat_view
from . import kpi_tat_process_map
from . import kpi_import_event
from . import kpi_import_event_store
from . import kpi_import_options
from . import kpi_import
