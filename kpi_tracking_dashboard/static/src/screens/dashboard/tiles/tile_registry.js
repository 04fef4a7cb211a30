import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";

/**
 * What draws tiles, by their `kind`: a component that takes `tile` (what the server's
 * `kpi.dashboard.tile._body_<kind>` answers, with title and state) and `actions`.
 */
export const tiles = registry.category("kpi_tracking_dashboard.tiles");

tiles.addValidation({
    component: { validate: (component) => component?.prototype instanceof Component },
});
