import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";

/**
 * What draws tiles, by their `kind`: a component that takes `tile` (what the server's
 * `kpi.dashboard.tile._body_<kind>` answers, with title and state) and `actions`. One that needs
 * no KPI is free; a picture of it, as those of `tile_form/tile_fields.js`, is shown in the form.
 */
export const tiles = registry.category("kpi_tracking_dashboard.tiles");

tiles.addValidation({
    component: { validate: (component) => component?.prototype instanceof Component },
    isFree: { type: Boolean, optional: true },
    picture: { type: Object, optional: true },
});
