from .controllers import test_api_question
from .models import test_kpi_nlp_processor
from .models import test_kpi_nlp_processor_action
from .models import test_kpi_nlp_processor_analysis
from .models import test_kpi_nlp_processor_screen
from .security import test_kpi_language_access_matrix
from .security import test_kpi_language_access_methods
from .security import test_sudo_reasons
