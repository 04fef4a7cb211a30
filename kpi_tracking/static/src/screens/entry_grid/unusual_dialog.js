import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";

/** Ask whether values far outside the usual are meant. */
export class UnusualDialog extends Component {
    static template = "kpi_tracking.UnusualDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        confirm: Function,
        values: { type: Array, element: { type: Object, shape: { name: String, text: String } } },
    };

    get title() {
        const { length } = this.props.values;
        return length === 1 ? _t("Unusual Value") : _t("%s Unusual Values", length);
    }

    confirm() {
        this.props.close();
        this.props.confirm();
    }
}
