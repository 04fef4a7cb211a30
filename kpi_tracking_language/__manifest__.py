{
    "name": "KPI Questions",
    "summary": "Questions about KPIs in plain words, without guessing",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Alpha",
    "images": ["static/description/other-names.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_collaboration"],
    "external_dependencies": {"python": ["pydantic>=2.11"]},
    "data": [
        "security/ir.model.access.csv",
        "security/kpi_definition_synonym_security.xml",
        "security/kpi_intelligent_optimization_security.xml",
        "security/kpi_question_unread_security.xml",
        "views/kpi_definition_views.xml",
        "views/kpi_intelligent_optimization_views.xml",
        "wizards/kpi_lever_wizard_views.xml",
        "views/kpi_period_report_views.xml",
        "views/kpi_question_unread_views.xml",
        "views/kpi_report_views.xml",
        "views/kpi_tracking_language_menus.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "kpi_tracking_language/static/src/eager/**/*",
            "kpi_tracking_language/static/src/screens/**/*.scss",
        ],
        # Loaded when somebody asks for the first time.
        "kpi_tracking_language.assets_screens": [
            "kpi_tracking_language/static/src/screens/**/*.[jx]*",
        ],
        "web.assets_unit_tests_setup": [
            ("include", "kpi_tracking_language.assets_screens"),
        ],
        "web.assets_unit_tests": ["kpi_tracking_language/static/tests/*.test.js"],
    },
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
