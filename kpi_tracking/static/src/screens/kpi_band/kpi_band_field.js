import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { unitOf } from "@kpi_tracking/eager/kpi_format/kpi_unit";
import { KpiBand } from "./kpi_band";

/** The figures of the KPI of a form. */
export class KpiBandField extends Component {
    static template = "kpi_tracking.KpiBandField";
    static components = { KpiBand };
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get figures() {
        return this.props.record.data[this.props.name]?.figures || [];
    }

    get unit() {
        return unitOf(this.props.record.data);
    }

    /** As a button of the form: what was changed is saved, and read again afterwards. */
    async follow({ args, method }) {
        const { record } = this.props;
        if (!(await record.save())) {
            return;
        }
        const { resId, resModel } = record;
        const action = await this.orm.call(resModel, method, [[resId], ...args]);
        await this.action.doAction(action, { onClose: () => record.load() });
    }
}

registry.category("lazy_components").add("kpi_tracking.KpiBandField", KpiBandField);
