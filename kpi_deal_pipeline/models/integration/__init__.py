from . import kpi_deal
from . import kpi_deal_rest
from . import kpi_import_options
from . import kpi_import_deal
from . import kpi_definition
