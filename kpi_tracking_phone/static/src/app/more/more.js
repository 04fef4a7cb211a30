import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { number } from "@kpi_base/eager/formatting/formatting";
import { readShell, writeShell } from "../../stored/keep";
import { usePhone } from "../phone";
import { listScreens, modelKey, phoneScreens } from "../shell/screens";
import { Sheet } from "../shell/sheet";
import { installing } from "./install";
import { canNotify, isNotified, startNotifying, stopNotifying } from "./notifying";
import { canListen } from "./voice";

/** All that is rarer: dashboards, questions, what is on this phone, settings. */
export class More extends Component {
    static template = "kpi_tracking_phone.More";
    static components = { Sheet };
    static props = { about: { type: String } };

    setup() {
        this.phone = usePhone();
        this.installing = useState(installing);
        this.canListen = canListen();
        this.canNotify = canNotify(this.phone.me);
        this.state = useState({
            hasVoice: false,
            isLeaving: false,
            isNotified: false,
            problem: "",
            showsNumbers: false,
            used: "",
        });
        onWillStart(async () => {
            this.state.hasVoice = Boolean(await readShell("voice"));
            this.state.showsNumbers = Boolean((await readShell("push"))?.showsNumbers);
            this.state.isNotified = await isNotified();
            const { usage = 0 } = (await navigator.storage?.estimate?.()) || {};
            this.state.used = _t("%s MB", number(usage / 1e6, 1));
        });
    }

    get screens() {
        const isReadable = ({ model }) => !model || this.phone.row(modelKey(model));
        return listScreens(false).filter(isReadable);
    }

    get dashboards() {
        return this.phone.row("dashboards") || [];
    }

    /** How much of whose data is here. */
    get kept() {
        const { company, name } = this.phone.me;
        const count = this.phone.cards.length;
        const kpis = count === 1 ? _t("1 KPI") : _t("%s KPIs", count);
        return [name, company, kpis, this.state.used].join(" · ");
    }

    get days() {
        return _t("Stored encrypted for up to %s days.", this.phone.me.asleep_days);
    }

    async toggleVoice() {
        this.state.hasVoice = !this.state.hasVoice;
        await writeShell("voice", this.state.hasVoice);
    }

    /** Without numbers unless somebody allows them: a locked screen is seen by others. */
    async setNotified(isNotified, showsNumbers = false) {
        this.state.problem = "";
        try {
            const start = () => startNotifying(this.phone, showsNumbers);
            await (isNotified ? start() : stopNotifying(this.phone));
            Object.assign(this.state, { isNotified, showsNumbers });
        } catch (error) {
            this.state.problem = error.message;
        }
    }

    get morningHours() {
        return this.phone.me.morning_hours || [];
    }

    /** At the chosen hour what happened comes as a notification, or by email. */
    async setMorning({ target }) {
        this.state.problem = "";
        try {
            await this.phone.ask("set_morning_hour", Number(target.value) || null);
            await this.phone.refresh();
        } catch (error) {
            this.state.problem = error.message;
        }
    }

    /** What signing out would delete. */
    get lost() {
        const count = this.phone.state.items.length;
        return count === 1
            ? _t("1 unsent item will be deleted.")
            : _t("%s unsent items will be deleted.", count);
    }

    /** With something unsent the app asks first: it would be lost. */
    signOut() {
        if (this.phone.state.items.length && !this.state.isLeaving) {
            this.state.isLeaving = true;
            return null;
        }
        return this.phone.signOut();
    }
}

phoneScreens.add("more", {
    component: More,
    path: "M4 10h4v4H4zM10 10h4v4h-4zM16 10h4v4h-4z",
    sequence: 50,
    word: _t("More"),
});
