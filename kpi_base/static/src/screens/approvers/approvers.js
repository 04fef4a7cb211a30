import { Component, status, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { describeApprovers, listApprovers } from "./approvers_words";

// What people choose rather than write; workflows look at it.
const CHOSEN = ["boolean", "date", "float", "integer", "many2one", "monetary", "selection"];

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
 * “Who will approve” on the form of a document, as it is filled in, before it is submitted:
 * `<widget name="kpi_approvers" invisible="approval_state == 'pending'" />`
 */
export class ApproversWidget extends Component {
    static template = "kpi_base.ApproversWidget";
    static components = { Approvers };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ preview: null });
        this.keepLast = new KeepLast();
        useRecordObserver((record) => this.load(record, this.watch(record)));
    }

    /** Have what people choose on the form make the widget ask again. */
    watch({ activeFields, data, fields }) {
        const names = Object.keys(activeFields);
        return names.filter((name) => CHOSEN.includes(fields[name].type)).map((name) => data[name]);
    }

    async load(record) {
        const { resId, resModel } = record;
        const changes = await record.getChanges(); // waits for what the form has asked for
        if (status(this) === "destroyed") {
            return;
        }
        const args = [resId ? [resId] : [], changes];
        const asked = this.orm.silent.call(resModel, "preview_approvers", args);
        const preview = await this.keepLast.add(asked);
        // What is not filled in yet has no workflow, which says nothing.
        this.state.preview = resId || preview.workflow ? preview : null;
    }
}

registry.category("lazy_components").add("kpi_base.ApproversWidget", ApproversWidget);
