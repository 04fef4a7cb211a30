{
    "name": "KPI Analytics",
    "summary": "Trends, forecasts, unusual values and explanations of changes",
    "version": "19.0.1.1.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Beta",
    "images": ["static/description/forecasts.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_dashboard"],
    "external_dependencies": {"python": ["numpy>=1.24", "pydantic>=2.11"]},
    "data": [
        "security/ir.model.access.csv",
        "security/kpi_predictive_security.xml",
        "views/kpi_anomaly_views.xml",
        "views/kpi_predictive_views.xml",
        "views/kpi_annotation_views.xml",
        "views/kpi_report_views.xml",
        "views/kpi_dashboard_tile_views.xml",
        "views/kpi_period_report_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "kpi_tracking_analytics/static/src/eager/**/*",
            "kpi_tracking_analytics/static/src/screens/**/*.scss",
        ],
        # Loaded when somebody opens the first screen that has one; styles belong to
        # light or dark.
        "kpi_tracking_analytics.assets_screens": [
            "kpi_tracking_analytics/static/src/screens/**/*.[jx]*",
        ],
        "kpi_tracking_dashboard.assets_dashboard": [
            "kpi_tracking_analytics/static/src/dashboard/**/*",
        ],
        "web.assets_unit_tests_setup": [
            ("include", "kpi_tracking_analytics.assets_screens"),
        ],
        "web.assets_unit_tests": ["kpi_tracking_analytics/static/tests/*.test.js"],
    },
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
