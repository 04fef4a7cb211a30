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

    async follow({ link, start }) {
        const { resId, resModel } = this.props.record;
        this.action.doAction(await this.orm.call(resModel, link.method, [[resId], start]));
    }
}

registry.category("lazy_components").add("kpi_tracking.KpiBandField", KpiBandField);
