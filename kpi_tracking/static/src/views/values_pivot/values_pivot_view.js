import { registry } from "@web/core/registry";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { pivotView } from "@web/views/pivot/pivot_view";

/**
 * Values of KPIs, each in its cell, on the screen and in the spreadsheet. A cell that
 * stands for several would mix units, or average what was averaged: it stays empty.
 */
class ValuesPivotModel extends PivotModel {
    _getMeasurements(group, config) {
        const measurements = super._getMeasurements(group, config);
        if (group.__count > 1) {
            delete measurements.value;
        }
        return measurements;
    }
}

registry.category("views").add("kpi_values_pivot", { ...pivotView, Model: ValuesPivotModel });
