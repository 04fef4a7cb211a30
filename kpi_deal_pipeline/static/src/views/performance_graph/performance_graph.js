import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * Gaps where a day was not counted or a ratio has no value: Odoo draws a 0, which was not
 * measured.
 */
export class PerformanceGraphModel extends GraphModel {
    _getData(dataPoints, ...args) {
        const data = super._getData(dataPoints, ...args);
        if (this.metaData.mode === "pie") {
            return data;
        }
        const counted = new Set(
            dataPoints
                .filter((point) => point.count && point.value !== false)
                .map((point) => `${point.labelIndex} ${this._getDatasetLabel(point)}`),
        );
        for (const dataset of data.datasets) {
            dataset.data = dataset.data.map((value, at) =>
                counted.has(`${at} ${dataset.label}`) ? value : null,
            );
        }
        data.datasets = data.datasets.filter(({ data }) => data.some((value) => value !== null));
        return data;
    }
}

registry.category("views").add("kpi_performance_graph", {
    ...graphView,
    Model: PerformanceGraphModel,
});
