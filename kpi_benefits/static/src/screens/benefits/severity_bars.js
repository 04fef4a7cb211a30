import { Component } from "@odoo/owl";
import { formatInteger } from "@web/views/fields/formatters";

const PERCENT = 100;

/** Open leakages by severity: a bar as long as what is lost, how many, and how much. */
export class SeverityBars extends Component {
    static template = "kpi_benefits.SeverityBars";
    static props = {
        leakages: { type: Array, element: Object },
        money: { type: Function },
        onSeverity: { type: Function },
    };

    get most() {
        return Math.max(...this.props.leakages.map(({ lost }) => lost));
    }

    get bars() {
        return this.props.leakages.map((one) => ({
            ...one,
            counted: formatInteger(one.count),
            percent: this.most ? (PERCENT * one.lost) / this.most : 0,
        }));
    }
}
