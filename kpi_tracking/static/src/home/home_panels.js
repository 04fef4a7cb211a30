import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";

/**
 * What addons show on the overview below its rows. A panel is drawn where the server's
 * `kpi.home._get_panels` has something under its key, which its component gets as the prop
 * `content`; the lowest sequence comes first.
 */
export const homePanels = registry.category("kpi_home_panels");

homePanels.addValidation({
    component: { validate: (component) => component?.prototype instanceof Component },
    sequence: { type: Number },
});

/**
 * @param {Record<string, any>} contents by key, as the server sends them
 * @returns {{key: string, component: typeof Component, content: any}[]} in their order
 */
export function panelsOf(contents) {
    return homePanels
        .getEntries()
        .filter(([key]) => key in contents)
        .sort(([, a], [, b]) => a.sequence - b.sequence)
        .map(([key, { component }]) => ({ key, component, content: contents[key] }));
}
