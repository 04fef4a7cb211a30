import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** What uses a KPI, by kind; what the reader may see is a link. */
export class KpiUsesField extends Component {
    static template = "kpi_tracking.KpiUsesField";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
    }

    get uses() {
        return this.props.record.data[this.props.name] || [];
    }

    hidden({ hidden_count }) {
        return _t("%s that you cannot access", hidden_count);
    }

    async open({ id, model }) {
        const views = [[false, "form"]];
        const type = "ir.actions.act_window";
        await this.action.doAction({ type, res_model: model, res_id: id, views });
    }
}

registry.category("fields").add("kpi_uses", {
    component: KpiUsesField,
    displayName: _t("KPI usage"),
    supportedTypes: ["json"],
    isEmpty: () => false,
});
