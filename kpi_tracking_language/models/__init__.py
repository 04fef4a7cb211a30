from . import kpi_report
from . import kpi_nlp_processor
