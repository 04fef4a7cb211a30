{
    "name": "KPI Deal Pipeline: Invoicing",
    "summary": "Commissions follow the invoices, refunds and payments of a deal",
    "version": "19.0.1.0.0",
    "category": "Sales/KPI",
    "author": "KPI Suite",
    "license": "LGPL-3",
    "depends": ["kpi_deal_pipeline", "account"],
    "data": [
        "data/ir_cron_data.xml",
        "views/account_move_views.xml",
        "views/kpi_deal_billing_views.xml",
        "views/kpi_deal_views.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "auto_install": True,
}
