import { Component, onMounted, useRef, useState } from "@odoo/owl";

const FAR = 96; // pixels after which it is done
const SLANT = 2; // so much more to the side than up or down

/**
 * A row that is pulled to the side to do what one of its buttons does, too. Scrolling stays
 * what it is: only a movement to the side counts.
 */
export class Swipe extends Component {
    static template = "kpi_tracking_phone.Swipe";
    static props = {
        act: { type: Function },
        isOff: { type: Boolean, optional: true },
        slots: { type: Object },
        word: { type: String },
    };

    setup() {
        this.root = useRef("root");
        this.state = useState({ moved: 0 });
        onMounted(() => {
            const { el } = this.root;
            const listen = (name, act) => el.addEventListener(name, act, { passive: true });
            listen(
                "touchstart",
                ({ touches }) => (this.from = this.props.isOff ? null : touches[0]),
            );
            listen("touchmove", ({ touches }) => this.move(touches[0]));
            listen("touchend", () => this.end());
            listen("touchcancel", () => (this.state.moved = 0));
        });
    }

    move({ clientX, clientY }) {
        if (!this.from) {
            return;
        }
        const [x, y] = [clientX - this.from.clientX, clientY - this.from.clientY];
        if (!this.state.moved && Math.abs(x) < SLANT * Math.abs(y)) {
            this.from = null; // it scrolls
        } else {
            this.state.moved = Math.sign(x) * Math.min(Math.abs(x), FAR);
        }
    }

    end() {
        const isFar = Math.abs(this.state.moved) >= FAR;
        this.state.moved = 0;
        if (isFar) {
            this.props.act();
        }
    }
}
