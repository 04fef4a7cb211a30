from .models import test_kpi_measures
