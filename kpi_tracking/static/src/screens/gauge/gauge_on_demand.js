import { registry } from "@web/core/registry";
import { Gauge } from "./gauge";

// Not in gauge.js: a shared page has the gauge and nothing of Odoo's client.
registry.category("lazy_components").add("kpi_tracking.Gauge", Gauge);
