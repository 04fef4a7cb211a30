from . import kpi_gallery_kpi
from . import kpi_gallery_set
from . import kpi_report
