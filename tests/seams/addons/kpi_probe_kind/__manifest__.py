{
    "name": "KPI Probe of a Condition",
    "summary": "Adds a kind of condition of achievements, and nothing else",
    "version": "19.0.1.0.0",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": ["kpi_gamification"],
}
