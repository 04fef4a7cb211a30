import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatDay } from "@kpi_base/eager/formatting/reader";

/** Gates of an initiative in their order, each with its state and day. */
export class GateList extends Component {
    static template = "kpi_benefits.GateList";
    static props = { gates: { type: Array, element: Object } };

    get gates() {
        return this.props.gates.map((gate) => {
            const [icon, tone, text] = this.stateOf(gate);
            return { ...gate, icon, text, tone };
        });
    }

    /** Icon, colour and words of a gate. */
    stateOf(gate) {
        const day = (name) => formatDay(deserializeDate(gate[name]));
        if (gate.actual_date) {
            return ["fa-check-circle", "success", _t("Passed on %s", day("actual_date"))];
        }
        if (!gate.due_date) {
            return ["fa-circle-o", "muted", _t("No date")];
        }
        return gate.is_late
            ? ["fa-exclamation-triangle", "danger", _t("Overdue since %s", day("due_date"))]
            : ["fa-circle-o", "muted", _t("Due on %s", day("due_date"))];
    }
}
