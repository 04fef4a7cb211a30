import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";

/** A chart of Chart.js; what it says stands in its label, and in a table beside. */
export class BenefitChart extends Component {
    static template = "kpi_benefits.BenefitChart";
    static props = {
        config: { type: Function }, // (color) => what Chart.js draws
        data: { type: [Array, Object] }, // drawn anew when it changes
        label: { type: String },
    };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const style = getComputedStyle(this.canvas.el);
                const color = (name) => style.getPropertyValue(name).trim();
                const chart = new Chart(this.canvas.el, this.props.config(color));
                return () => chart.destroy();
            },
            () => [this.props.data],
        );
    }
}

/** Options that charts of benefits have in common. */
export function commonOptions(color, onElement) {
    return {
        animation: false,
        maintainAspectRatio: false,
        onClick: (_ev, [found]) => found && onElement?.(found.index),
        onHover: ({ native }, [found]) => {
            native.target.style.cursor = found && onElement ? "pointer" : "default";
        },
        scales: {
            x: {
                grid: { display: false },
                ticks: { color: color("--kpi-faint"), maxRotation: 0 },
            },
            y: {
                border: { display: false },
                grid: { color: color("--kpi-line"), drawTicks: false },
                ticks: { color: color("--kpi-faint"), maxTicksLimit: 6, padding: 8 },
            },
        },
    };
}
