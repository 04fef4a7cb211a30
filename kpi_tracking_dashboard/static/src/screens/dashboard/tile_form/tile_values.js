import { reactive } from "@odoo/owl";

const NAMES = [
    ...["kind", "name", "span", "height", "scope_mode", "scope_type", "periods"],
    ...["breakdown", "text", "view_model", "view_type", "view_domain", "view_context"],
];

/** What the server knows of the tile in the form: its usual title, and fields to split it by. */
export const suggested = reactive({ breakdowns: [], title: "" });

/** @returns {Object} values of a tile as the server stores them */
export function valuesOf({ data }) {
    const plain = Object.fromEntries(NAMES.map((name) => [name, data[name] || false]));
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
