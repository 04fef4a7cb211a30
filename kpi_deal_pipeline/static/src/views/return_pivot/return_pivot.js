import { registry } from "@web/core/registry";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { pivotView } from "@web/views/pivot/pivot_view";

/** Empty cells where a ratio has no value: Odoo writes 0%, and FALSE into spreadsheets. */
export class ReturnPivotModel extends PivotModel {
    _getMeasurements(...args) {
        const found = Object.entries(super._getMeasurements(...args));
        return Object.fromEntries(found.filter(([, value]) => value !== false));
    }
}

registry.category("views").add("kpi_return_pivot", { ...pivotView, Model: ReturnPivotModel });
