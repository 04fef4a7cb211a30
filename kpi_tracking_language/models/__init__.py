from . import kpi_definition_synonym
from . import kpi_definition
from . import kpi_report
from . import kpi_nlp_processor
from . import kpi_nlp_processor_analysis
from . import kpi_nlp_processor_action
