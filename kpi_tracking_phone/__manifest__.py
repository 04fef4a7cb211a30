{
    "name": "KPI Phone App",
    "summary": "KPIs on phones, also where there is no reception",
    "version": "19.0.1.0.0",
    "category": "Productivity/KPI",
    "author": "KPI Suite",
    "maintainers": ["KPI Suite"],
    "website": "https://example.com/kpi-suite",
    "development_status": "Alpha",
    "images": ["static/description/app.png"],
    "license": "LGPL-3",
    "depends": ["kpi_tracking_collaboration"],
    "external_dependencies": {"python": ["pydantic>=2.11"]},
    "data": [
        "security/ir.model.access.csv",
    ],
    "assets": {
        # The page of the app: nothing of Odoo's client.
        "kpi_tracking_phone.assets_app": [
            "web/static/src/module_loader.js",
            "web/static/lib/owl/owl.js",
            "web/static/lib/owl/odoo_module.js",
            "kpi_tracking_phone/static/src/app/**/*",
        ],
        # Its service worker.
        "kpi_tracking_phone.assets_worker": [
            "web/static/src/module_loader.js",
            "kpi_tracking_phone/static/src/worker/**/*",
        ],
    },
    "auto_install": True,
    "uninstall_hook": "uninstall_hook",
}
