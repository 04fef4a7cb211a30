from . import kpi_api_scope
from . import kpi_audit_log
from . import kpi_deal
from . import kpi_import_staged
from . import kpi_import_deal
from . import kpi_import_billing
from . import kpi_definition
from . import kpi_home
