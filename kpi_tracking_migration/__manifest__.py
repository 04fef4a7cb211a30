{
    "name": "KPI Tracking: Coming from 18.1",
    "summary": "Migrate the KPIs of a database with kpi_tracking 18.1",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Beta",
    "images": ["static/description/overview.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking"],
    "uninstall_hook": "uninstall_hook",
}
