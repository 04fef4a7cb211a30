import { Component } from "@odoo/owl";
import { baseOptions, nameScale, valueScale } from "@kpi_tracking/charts/chart_options";
import { useChart } from "@kpi_tracking/charts/use_chart";

/** A chart of Chart.js; what it says stands in its label, and in a table beside. */
export class BenefitChart extends Component {
    static template = "kpi_benefits.BenefitChart";
    static props = {
        config: { type: Function }, // (look) => what Chart.js draws
        data: { type: [Array, Object] }, // drawn anew when it changes
        label: { type: String },
    };

    setup() {
        useChart(
            (look) => this.props.config(look),
            () => [this.props.data],
        );
    }
}

/** Options of charts of benefits; a click on an element of them leads on. */
export function benefitOptions(look, { format, onElement, startsAtZero }) {
    return {
        ...baseOptions(look),
        onClick: (_ev, [found]) => found && onElement?.(found.index),
        onHover: ({ native }, [found]) => {
            native.target.style.cursor = found && onElement ? "pointer" : "default";
        },
        scales: { x: nameScale(look), y: valueScale(look, { format, startsAtZero }) },
    };
}
