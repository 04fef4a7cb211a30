{
    "name": "KPI Demo Company",
    "summary": "Nordwind Components: a year and a half of business and its KPIs",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": ["kpi_deal_pipeline", "sale_management"],
    "post_init_hook": "post_init_hook",
    "uninstall_hook": "uninstall_hook",
}
