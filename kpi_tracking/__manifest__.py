{
    "name": "KPI Tracking",
    "summary": "Define KPIs once; compute, show and explain them from Odoo records",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": ["base", "web", "mail", "bus", "digest", "hr", "resource"],
    "external_dependencies": {"python": ["numpy", "pydantic"]},
    "data": [
        "security/kpi_tracking_groups.xml",
        "security/ir.model.access.csv",
        "security/kpi_tracking_security.xml",
        "data/kpi_job_data.xml",
    ],
    "demo": [],
    "application": True,
    "installable": True,
}
