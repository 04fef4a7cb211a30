{
    "name": "KPI Probe",
    "summary": "Uses every seam of the KPI addons once: what their tests install",
    "version": "19.0.1.0.0",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": ["kpi_tracking_dashboard"],
    "data": ["security/ir.model.access.csv", "data/kpi_probe_data.xml"],
    "assets": {
        "kpi_tracking.assets_home": ["kpi_probe/static/src/home/**/*"],
        "kpi_tracking_dashboard.assets_dashboard": ["kpi_probe/static/src/tile/**/*"],
    },
}
