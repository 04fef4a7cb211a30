{
    "name": "KPI Benchmarks",
    "summary": "What the REST interface is measured against",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": ["kpi_tracking"],
    "data": ["security/ir.model.access.csv"],
}
