{
    "name": "KPI Questions",
    "summary": "Questions about KPIs in plain words, of which none is guessed",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Alpha",
    "license": "LGPL-3",
    "depends": ["kpi_tracking_collaboration"],
    "external_dependencies": {"python": ["pydantic>=2.11"]},
    "data": [
        "security/ir.model.access.csv",
        "security/kpi_definition_synonym_security.xml",
        "views/kpi_definition_views.xml",
    ],
    "auto_install": True,
}
