"""Other systems and files: REST representations, imports, packs.

Routes are ``controllers/``; how a file is read is ``kpi_base``.
"""

from . import kpi_measurement_rest
from . import kpi_report_rest
from . import kpi_import
from . import kpi_import_reference
from . import kpi_import_measurement
from . import kpi_import_kpi_target
from . import kpi_pack
from . import kpi_pack_definitions
