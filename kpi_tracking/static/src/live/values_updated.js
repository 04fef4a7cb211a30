import { Component, onMounted, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { moment as writeMoment, percent } from "@kpi_base/eager/formatting/formatting";
import { formatMoment } from "@kpi_base/eager/formatting/reader";
import { CHANGED } from "./live";

const { DateTime } = luxon;
const OLD = 5 * 60; // seconds after which a screen that opens asks for an update
const SOON = 2000; // milliseconds: between two looks at an update that is on its way
const LATER = 10000; // the same of one that takes long
const SOON_LOOKS = 15;
const TICK = 30000;

/**
 * Time since something, in words: “just now”, “3 min ago”, “5 h ago”, later the moment.
 *
 * @param {luxon.DateTime} moment
 * @param {luxon.DateTime} [now]
 */
export function agoWords(moment, now = DateTime.local()) {
    const minutes = Math.floor(now.diff(moment, "minutes").minutes);
    if (minutes < 1) {
        return _t("Updated just now");
    }
    if (minutes < 60) {
        return _t("Updated %s min ago", minutes);
    }
    if (minutes < 24 * 60) {
        return _t("Updated %s h ago", Math.floor(minutes / 60));
    }
    return _t("Updated %s", writeMoment(moment, now));
}

/** When values were last updated, and a button that has them updated now. */
export class ValuesUpdated extends Component {
    static template = "kpi_tracking.ValuesUpdated";
    static props = {
        onUpdated: { type: Function }, // an update that was waited for has ended
    };

    setup() {
        this.orm = useService("orm");
        this.bus = useService("bus_service");
        this.notification = useService("notification");
        this.state = useState({ isAsking: false, isFresh: false, now: null, update: null });
        this.onChanged = () => (this.isChanged = true);
        this.looks = 0;
        useExternalListener(document, "visibilitychange", () => this.tick());
        onMounted(() => {
            this.bus.subscribe(CHANGED, this.onChanged);
            this.ticks = browser.setInterval(() => this.tick(), TICK);
            this.begin();
        });
        onWillUnmount(() => {
            this.isGone = true;
            this.bus.unsubscribe(CHANGED, this.onChanged);
            browser.clearInterval(this.ticks);
            browser.clearTimeout(this.timer);
        });
    }

    get isBusy() {
        return this.state.isAsking || this.isUnderway;
    }

    get isUnderway() {
        return Boolean(this.state.update) && this.state.update.state !== "idle";
    }

    get words() {
        const { now, update } = this.state;
        if (!update) {
            return "";
        }
        if (update.state === "queued") {
            return _t("Waiting to update…");
        }
        if (update.state === "running") {
            const done = Math.floor(100 * update.progress) / 100;
            return done ? _t("Updating… %s", percent(done, 0)) : _t("Updating…");
        }
        return update.at ? agoWords(update.at, now) : _t("Not updated yet");
    }

    get moment() {
        const { update } = this.state;
        const lines = [
            update?.at && _t("Values last updated on %s.", formatMoment(update.at)),
            update?.is_incomplete && _t("Some values could not be updated."),
        ];
        return lines.filter(Boolean).join(" ");
    }

    /** Old values are updated as soon as somebody looks at them. */
    async begin() {
        await this.look();
        const { update } = this.state;
        if (update?.state === "idle" && (update.age_seconds ?? OLD + 1) > OLD) {
            await this.ask();
        }
    }

    async ask() {
        this.state.isAsking = true;
        const isAnswered = await this.look("request_update");
        this.state.isAsking = false;
        return isAnswered;
    }

    /** Who presses the button is told why nothing follows. */
    async askByButton() {
        const isAnswered = await this.ask();
        if (this.isGone || this.isUnderway) {
            return;
        }
        const told = isAnswered
            ? _t("Updated less than 30 seconds ago.")
            : _t("Values cannot be updated. Try again later.");
        this.notification.add(told, { type: isAnswered ? "info" : "warning" });
    }

    /**
     * What cannot be asked for now stays as it was: the numbers are there all the same.
     *
     * @returns {Promise<boolean>} whether the server has answered
     */
    async look(method = "get_update") {
        this.isChanged = false;
        this.isLooking = true;
        browser.clearTimeout(this.timer);
        let isAnswered = false;
        try {
            const update = await this.orm.silent.call("kpi.job", method);
            isAnswered = true;
            await this.follow(update);
        } catch {
            if (this.isUnderway && !this.isGone) {
                this.timer = browser.setTimeout(() => this.look(), LATER);
            }
        }
        this.isLooking = false;
        return isAnswered;
    }

    async follow(update) {
        if (this.isGone) {
            return;
        }
        const wasUnderway = this.isUnderway;
        const now = DateTime.local();
        const seconds = update.age_seconds;
        const at = seconds === null ? null : now.minus({ seconds });
        Object.assign(this.state, { isFresh: false, now, update: { ...update, at } });
        if (this.isUnderway) {
            this.looks += 1;
            const pause = this.looks > SOON_LOOKS ? LATER : SOON;
            this.timer = browser.setTimeout(() => this.look(), pause);
            return;
        }
        this.looks = 0;
        if (wasUnderway) {
            await this.props.onUpdated();
            this.state.isFresh = true;
        }
    }

    /** Others have values updated, too: what is shown does not grow old beside them. */
    tick() {
        const isIdle = this.state.update && !this.isUnderway && !this.isLooking;
        if (document.visibilityState === "hidden" || !isIdle) {
            return;
        }
        this.state.now = DateTime.local();
        const { at } = this.state.update;
        if (this.isChanged || !at || this.state.now.diff(at, "seconds").seconds > OLD) {
            this.look();
        }
    }
}
