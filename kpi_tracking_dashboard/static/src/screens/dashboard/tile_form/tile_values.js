import { reactive } from "@odoo/owl";
import { registry } from "@web/core/registry";

const NAMES = [
    ...["kind", "name", "span", "height", "scope_mode", "scope_type", "periods"],
    ...["breakdown", "text", "view_model", "view_type", "view_domain", "view_context"],
];

/** Fields that addons add to what can be chosen of a tile, by name: plain ones, not relations. */
export const tileOptions = registry.category("kpi_tracking_dashboard.tile_options");

/** What the server knows of the tile in the form: its usual title, and fields to split it by. */
export const suggested = reactive({ breakdowns: [], title: "" });

/** @returns {Object} values of a tile as the server stores them */
export function valuesOf({ data }) {
    const names = [...NAMES, ...tileOptions.getEntries().map(([name]) => name)];
    const plain = Object.fromEntries(names.map((name) => [name, data[name] || false]));
    const ids = (name) => [[6, 0, [...data[name].currentIds]]];
    return {
        ...plain,
        text: data.text ? String(data.text) : false,
        card_id: data.card_id?.id || false,
        definition_ids: ids("definition_ids"),
        definition_order: [...data.definition_ids.currentIds],
        gauge_widget_id: data.gauge_widget_id?.id || false,
        report_ids: ids("report_ids"),
    };
}
