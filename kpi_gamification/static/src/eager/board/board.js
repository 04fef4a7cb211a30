import { Component } from "@odoo/owl";
import { formatFloat } from "@web/core/utils/numbers";

const DIGITS = { digits: [16, 1] };
const MOST = 120; // percent that a score counts at most

/** Places of a board: those whom the server lets the user see, in its order. */
export class Board extends Component {
    static template = "kpi_gamification.Board";
    static props = {
        hasBars: { type: Boolean, optional: true },
        lines: { type: Array },
    };
    static defaultProps = { hasBars: false };

    format(score) {
        return formatFloat(score, DIGITS);
    }

    /** Places won since the period before; negative: lost. */
    won(line) {
        return line.rank && line.previous_rank ? line.previous_rank - line.rank : 0;
    }

    get lines() {
        return this.props.lines.map((line) => ({
            ...line,
            score: this.format(line.score),
            now: line.now !== line.score ? this.format(line.now) : "",
            width: (100 * Math.min(Math.max(line.score, 0), MOST)) / MOST,
            gap: line.gap ? this.format(line.gap) : "",
            won: Math.max(this.won(line), 0),
            lost: Math.max(-this.won(line), 0),
        }));
    }
}
