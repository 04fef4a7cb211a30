from . import kpi_bench_fact
