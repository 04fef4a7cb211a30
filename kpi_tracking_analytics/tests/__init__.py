from .controllers import test_api_forecast
from .models import test_kpi_analysis
from .models import test_kpi_analysis_job
from .models import test_kpi_anomaly
from .models import test_user_links
from .security import test_kpi_analytics_access_matrix
from .security import test_kpi_analytics_access_methods
from .security import test_sudo_reasons
