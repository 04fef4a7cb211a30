import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { describeApprovers, listApprovers } from "./approvers_words";

/** Who will approve, in a line; all their names on hover. Knows nothing of records. */
export class Approvers extends Component {
    static template = "kpi_base.Approvers";
    static props = { preview: { type: Object } };

    get text() {
        return describeApprovers(this.props.preview);
    }

    get names() {
        return listApprovers(this.props.preview);
    }
}

/**
 * “Who will approve” on the form of a document, as it is stored, before it is submitted:
 * `<widget name="kpi_approvers" invisible="approval_state == 'pending'" />`
 */
export class ApproversWidget extends Component {
    static template = "kpi_base.ApproversWidget";
    static components = { Approvers };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ preview: null });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps((nextProps) => this.load(nextProps.record));
    }

    async load({ resId, resModel }) {
        this.state.preview = resId
            ? await this.orm.call(resModel, "preview_approvers", [resId])
            : null;
    }
}

registry.category("lazy_components").add("kpi_base.ApproversWidget", ApproversWidget);
