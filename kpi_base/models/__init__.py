"""Services by theme; no model here knows a KPI.

Records that are measured, and what is shown of them, belong to ``kpi_tracking``.
"""

from . import record
from . import kpi_event
from . import people
from . import resource_calendar
from . import kpi_working_day
from . import kpi_currency_rate
from . import job
from . import kpi_secret
from . import outbox
from . import kpi_outgoing
from . import kpi_timer
from . import kpi_server
from . import audit
from . import approval
from . import rest
from . import file_import
from . import res_users
from . import color_scheme
from . import res_config_settings
