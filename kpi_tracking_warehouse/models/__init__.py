from . import kpi_warehouse
from . import kpi_warehouse_dataset
from . import kpi_warehouse_dataset_reading
from . import kpi_warehouse_code
from . import kpi_warehouse_reading
from . import kpi_job
from . import kpi_audit_log
from . import kpi_user_link
