import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Button of a row that enters a value; as narrow as its icon, unlike those of lists. */
export class EnterValue extends Component {
    static template = "kpi_tracking.EnterValue";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
    }

    get isAllowed() {
        return this.props.record.data.can_enter_value;
    }

    enter() {
        const { record } = this.props;
        return this.action.doActionButton({
            name: "action_enter_value",
            type: "object",
            resModel: record.resModel,
            resId: record.resId,
            onClose: () => record.load(),
        });
    }
}

registry.category("view_widgets").add("kpi_enter_value", {
    component: EnterValue,
    fieldDependencies: [{ name: "can_enter_value", type: "boolean" }],
    listViewWidth: 36,
});
