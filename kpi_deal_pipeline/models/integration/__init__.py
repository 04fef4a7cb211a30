from . import kpi_deal
from . import kpi_deal_rest
from . import kpi_commission_rest
from . import kpi_deal_billing_rest
from . import kpi_import_options
from . import kpi_import_deal
from . import kpi_import_billing
from . import kpi_definition
