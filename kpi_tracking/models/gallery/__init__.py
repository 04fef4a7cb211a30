"""Ready KPIs, what is turned on with them, and ways to make one of what a view shows.

The sets are ``data/gallery``.
"""

from . import digest_digest
from . import kpi_definition
from . import kpi_first_steps
from . import kpi_gallery_kpi
from . import kpi_example
from . import kpi_gallery_set
