import { registry } from "@web/core/registry";
import { SEP } from "@web/views/graph/graph_model";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

const COLORS = {
    on_target: "--kpi-success",
    at_risk: "--kpi-warning",
    off_target: "--kpi-danger",
    no_data: "--kpi-line",
};

/** A graph in which a status has its own colour, whatever Odoo's palette gives it. */
export class StatusGraphRenderer extends GraphRenderer {
    getChartConfig() {
        const config = super.getChartConfig();
        for (const dataset of config.data.datasets) {
            this.paint(dataset, config);
        }
        return config;
    }

    paint(dataset, { data, type }) {
        if (type === "pie") {
            dataset.backgroundColor = data.labels.map(
                (label, at) => this.colorOf(label) || dataset.backgroundColor[at],
            );
            dataset.hoverBackgroundColor = dataset.backgroundColor;
            return;
        }
        const color = this.colorOf(dataset.label);
        if (color) {
            const line = { borderColor: color, pointBackgroundColor: color };
            Object.assign(dataset, { backgroundColor: color }, type === "line" ? line : {});
        }
    }

    /** The colour of the status that is part of a label of Odoo's; undefined without one. */
    colorOf(label) {
        const { fields, groupBy } = this.model.metaData;
        if (!groupBy.some(({ fieldName }) => fieldName === "status")) {
            return undefined;
        }
        const words = label.split(SEP);
        const found = fields.status.selection.find(([, word]) => words.includes(word));
        const style = getComputedStyle(this.rootRef.el);
        return found && style.getPropertyValue(COLORS[found[0]] || "--kpi-other").trim();
    }

    getLegendOptions() {
        const options = super.getLegendOptions();
        if (this.model.metaData.mode !== "pie") {
            return options;
        }
        const { generateLabels } = options.labels;
        options.labels.generateLabels = (chart) =>
            generateLabels(chart).map((item) => ({
                ...item,
                fillStyle: chart.data.datasets[0].backgroundColor[item.index],
            }));
        return options;
    }
}

registry.category("views").add("kpi_status_graph", {
    ...graphView,
    Renderer: StatusGraphRenderer,
});
