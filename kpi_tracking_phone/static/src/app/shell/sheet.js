import { Component, onMounted, useRef } from "@odoo/owl";

/** A sheet from the bottom: the dialog of the browser, closed by Escape, a button or beside it. */
export class Sheet extends Component {
    static template = "kpi_tracking_phone.Sheet";
    static props = {
        close: { type: Function },
        slots: { type: Object },
        title: { type: String },
    };

    setup() {
        this.root = useRef("root");
        onMounted(() => this.root.el.showModal());
    }

    onClick(ev) {
        if (ev.target === this.root.el) {
            this.root.el.close();
        }
    }
}
