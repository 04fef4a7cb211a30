"""A dashboard as a whole: who sees and arranges it, what may be asked of it, and where
else it shows, in the menu, on the overview and on open screens.

What single tiles show is in ``tile``, files and mails are in ``output``.
"""

from . import kpi_dashboard
from . import kpi_dashboard_options
from . import kpi_dashboard_draft
from . import kpi_definition
from . import kpi_home
