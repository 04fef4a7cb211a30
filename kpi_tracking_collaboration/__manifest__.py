{
    "name": "KPI Collaboration",
    "summary": "Discussions about KPIs: what was seen, decided, and came of it",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Beta",
    "images": ["static/description/discussion.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_alert"],
    "data": [
        "security/ir.model.access.csv",
        "security/kpi_discussion_security.xml",
        "wizards/kpi_explanation_views.xml",
        "views/kpi_discussion_views.xml",
        "views/kpi_report_views.xml",
        "views/kpi_alert_event_views.xml",
        "views/kpi_collaboration_menus.xml",
    ],
    "assets": {
        "kpi_tracking_dashboard.assets_dashboard": [
            "kpi_tracking_collaboration/static/src/dashboard/**/*",
        ],
        "web.assets_unit_tests": ["kpi_tracking_collaboration/static/tests/*.test.js"],
    },
    "auto_install": True,
}
