from . import test_kpi_measures
