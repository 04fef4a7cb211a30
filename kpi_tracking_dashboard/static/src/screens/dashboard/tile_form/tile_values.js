import { reactive } from "@odoo/owl";
import { registry } from "@web/core/registry";

const NAMES = [
    ...["kind", "name", "span", "height", "scope_mode", "scope_type", "periods"],
    ...["breakdown", "text", "view_model", "view_type", "view_domain", "view_context"],
];

/** Fields that addons add to what can be chosen of a tile, by name: plain ones, or one record. */
export const tileOptions = registry.category("kpi_tracking_dashboard.tile_options");

/** What the server knows of the tile in the form: its usual title, and fields to split it by. */
export const suggested = reactive({ breakdowns: [], title: "" });

/** @returns {Object} values of a tile as the server stores them */
export function valuesOf({ data }) {
    const names = [...NAMES, ...tileOptions.getEntries().map(([name]) => name)];
    const idOf = (name) => data[name]?.id || false;
    const plain = Object.fromEntries(
        names.map((name) => [name, idOf(name) || data[name] || false]),
    );
    const ids = (name) => [[6, 0, [...data[name].currentIds]]];
    return {
        ...plain,
        text: data.text ? String(data.text) : false,
        card_id: idOf("card_id"),
        definition_ids: ids("definition_ids"),
        definition_order: [...data.definition_ids.currentIds],
        gauge_widget_id: idOf("gauge_widget_id"),
        report_ids: ids("report_ids"),
    };
}
