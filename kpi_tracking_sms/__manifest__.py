{
    "name": "KPI Alerts by SMS",
    "summary": "Send KPI alerts by SMS",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Beta",
    "images": ["static/description/channels.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_alert", "sms"],
    "auto_install": True,
}
