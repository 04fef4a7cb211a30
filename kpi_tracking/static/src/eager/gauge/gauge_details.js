import { Component, onMounted, useExternalListener, useRef } from "@odoo/owl";

const GAP = 6; // pixels

/** Rows of words and numbers beside what they are about, above everything else. */
export class GaugeDetails extends Component {
    static template = "kpi_tracking.GaugeDetails";
    static props = {
        close: { type: Function },
        rows: { type: Array, element: Array },
        title: { type: String },
    };

    setup() {
        this.root = useRef("root");
        onMounted(() => {
            this.root.el.showPopover();
            this.setPosition();
        });
        useExternalListener(window, "scroll", () => this.props.close(), { capture: true });
    }

    /** Below the gauge, above it where there is no room, never outside of the window. */
    setPosition() {
        const { el } = this.root;
        const gauge = el.parentElement.getBoundingClientRect();
        const box = el.getBoundingClientRect();
        const middle = gauge.left + gauge.width / 2 - box.width / 2;
        const left = Math.max(GAP, Math.min(middle, window.innerWidth - box.width - GAP));
        const below = gauge.bottom + GAP;
        const isRoom = below + box.height <= window.innerHeight;
        const top = isRoom ? below : Math.max(GAP, gauge.top - box.height - GAP);
        el.style.left = `${left}px`;
        el.style.top = `${top}px`;
    }
}
