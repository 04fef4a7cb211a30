import { onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Star } from "./star";

/** The own star of a KPI: for whoever sees it, also where they may change nothing. */
export class KpiStarField extends Star {
    static props = { ...standardFieldProps };

    setup() {
        // What was clicked holds until another record is shown: nothing is loaded again.
        this.state = useState({ isStarred: null });
        onWillUpdateProps(({ record }) => {
            if (record.resId !== this.props.record.resId) {
                this.state.isStarred = null;
            }
        });
    }

    get isStarred() {
        return this.state.isStarred ?? Boolean(this.props.record.data[this.props.name]);
    }

    get name() {
        return this.props.record.data.kpi_name || "";
    }

    async toggle() {
        const isStarred = !this.isStarred;
        this.state.isStarred = isStarred;
        // That of the view: lists have too many stars for a service each.
        const { model, resId } = this.props.record;
        await model.orm.call("kpi.report", "star", [[resId], isStarred]);
    }
}

registry.category("fields").add("kpi_star", {
    component: KpiStarField,
    displayName: _t("Star"),
    supportedTypes: ["boolean"],
    listViewWidth: 36,
    isEmpty: () => false,
    fieldDependencies: [{ name: "kpi_name", type: "char" }],
});
