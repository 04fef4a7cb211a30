"""Files that are imported: read, matched, checked and written in parts.

What rows become is a ``kpi.import.target`` of the addon whose records they are.
"""

from . import kpi_import_options
from . import kpi_import
from . import kpi_import_job
from . import kpi_import_page
from . import kpi_import_column
from . import kpi_import_fix
from . import kpi_import_target
