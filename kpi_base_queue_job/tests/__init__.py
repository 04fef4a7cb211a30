from .models import test_kpi_job_queue
