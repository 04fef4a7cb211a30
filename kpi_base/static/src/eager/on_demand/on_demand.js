import { Component, xml } from "@odoo/owl";
import { LazyComponent } from "@web/core/assets";

/**
 * A component that stands for one of a bundle, which is loaded when the first of them is
 * drawn. It takes and passes whatever props that one has.
 *
 * @param {string} name in the registry of lazy components
 * @param {string} bundle
 * @returns {typeof Component}
 */
export function onDemand(name, bundle) {
    return class extends Component {
        static template = xml`<LazyComponent bundle="bundle" Component="name" props="props" />`;
        static components = { LazyComponent };
        static props = ["*"];

        bundle = bundle;
        name = name;
    };
}

/**
 * As ``onDemand``, of a client action that fills the page with Odoo's layout: its content
 * scrolls below the control panel, as that of views does.
 *
 * @param {string} name in the registry of lazy components
 * @param {string} bundle
 * @returns {typeof Component}
 */
export function screenOnDemand(name, bundle) {
    return class extends onDemand(name, bundle) {
        static template = xml`
            <div class="o_action">
                <LazyComponent bundle="bundle" Component="name" props="props" />
            </div>`;
    };
}
