import { Component } from "@odoo/owl";
import { deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { sinceWords } from "./due_words";

const { DateTime } = luxon;
const NOON = 12;
const EVENING = 18;
const TONES = { better: "o_kpi_status_success", worse: "o_kpi_status_danger" };
const SIGNS = { [-1]: "▼", 0: "●", 1: "▲" };

/** What happened since the reader's last working day, as `kpi.home._since` says it. */
export class HomeDigest extends Component {
    static template = "kpi_tracking.HomeDigest";
    static props = {
        day: { type: String },
        items: { type: Array, element: Object },
        showNeeds: { type: Function },
    };

    setup() {
        this.action = useService("action");
    }

    get title() {
        return sinceWords(deserializeDate(this.props.day));
    }

    get greeting() {
        const name = user.name.split(" ")[0];
        const { hour } = DateTime.local();
        if (hour < NOON) {
            return _t("Good morning, %s", name);
        }
        return hour < EVENING ? _t("Good afternoon, %s", name) : _t("Good evening, %s", name);
    }

    get items() {
        return this.props.items.map((item) => ({
            ...item,
            look: TONES[item.tone] || "",
            sign: SIGNS[item.step],
        }));
    }

    /** The record, the list of several, or what waits for the reader. */
    open({ context, ids, model, title }) {
        if (!ids.length) {
            return this.props.showNeeds();
        }
        const action = { type: "ir.actions.act_window", context, res_model: model };
        if (ids.length === 1) {
            return this.action.doAction({
                ...action,
                res_id: ids[0],
                views: [[false, "form"]],
            });
        }
        return this.action.doAction({
            ...action,
            domain: [["id", "in", ids]],
            name: title,
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}
