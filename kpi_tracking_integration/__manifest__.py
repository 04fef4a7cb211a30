{
    "name": "KPI Integrations",
    "summary": "Values from other systems, questions in chats, refreshes of BI tools",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Alpha",
    "images": ["static/description/integration.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_alert"],
    "external_dependencies": {"python": ["cryptography"]},
    "data": [
        "security/ir.model.access.csv",
        "security/kpi_integration_security.xml",
        "security/kpi_hook_security.xml",
        "security/kpi_chat_link_security.xml",
        "data/kpi_api_scope_data.xml",
        "data/kpi_integration_data.xml",
        "wizards/ir.model.access.csv",
        "wizards/kpi_explanation_views.xml",
        "wizards/kpi_integration_map_views.xml",
        "views/kpi_integration_views.xml",
        "views/kpi_hook_views.xml",
        "views/kpi_chat_page.xml",
        "views/kpi_integration_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "kpi_tracking_integration/static/src/eager/**/*",
            "kpi_tracking_integration/static/src/screens/**/*.scss",
        ],
        # Loaded when somebody connects another system.
        "kpi_tracking_integration.assets_screens": [
            "kpi_tracking_integration/static/src/screens/**/*.[jx]*",
        ],
        "web.assets_unit_tests_setup": [
            ("include", "kpi_tracking_integration.assets_screens"),
        ],
        "web.assets_unit_tests": ["kpi_tracking_integration/static/tests/*.test.js"],
    },
    "auto_install": True,
}
