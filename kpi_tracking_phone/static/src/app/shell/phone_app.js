import { Component, onMounted, useExternalListener, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { HOME } from "../../stored/server";
import { usePhone } from "../phone";
import { ageInDays, writeAsOf } from "../when";
import { listScreens, phoneScreens, screenOf } from "./screens";

const SIGN_IN = `/web/login?redirect=${encodeURIComponent(HOME)}`;
const PULL = 70; // pixels
const MOST_FRAMES = 60; // in which a list comes to its height

/** The frame of all screens: whose data it is and as of when, and the bar at the bottom. */
export class PhoneApp extends Component {
    static template = "kpi_tracking_phone.PhoneApp";
    static props = {};

    setup() {
        this.phone = usePhone();
        this.main = useRef("main");
        this.state = useState({ ...screenOf(window.location), pulled: 0 });
        this.bar = listScreens(true);
        this.signIn = SIGN_IN;
        this.env.go.to = (name, about) => this.go(name, about);
        this.phone.views = window.history.state?.views || {};
        useExternalListener(window, "popstate", ({ state }) => {
            Object.assign(this.state, screenOf(window.location));
            this.restore(state?.top);
        });
        useExternalListener(window, "pagehide", () => {
            this.notePlace();
            this.phone.finishLater();
        });
        useExternalListener(window, "online", () => this.phone.refresh());
        useExternalListener(window, "offline", () => (this.phone.state.isOnline = false));
        if (navigator.serviceWorker) {
            useExternalListener(navigator.serviceWorker, "message", this.onMessage);
        }
        useExternalListener(document, "visibilitychange", () => {
            if (document.visibilityState === "visible") {
                this.phone.refreshOld();
            } else {
                this.phone.finishLater(); // the system may end the page
            }
        });
        onMounted(() => {
            this.followPull();
            this.restore(window.history.state?.top);
            this.phone.refresh();
        });
    }

    get screen() {
        return phoneScreens.get(this.state.name);
    }

    /** How old the numbers are, and why. */
    get asOf() {
        const { phone } = this;
        const words = phone.at ? writeAsOf(phone.at, phone.now) : "";
        return phone.state.isOnline ? words : [_t("offline"), words].filter(Boolean).join(", ");
    }

    get isOld() {
        return Boolean(this.phone.at) && ageInDays(this.phone.at, this.phone.now) > 0;
    }

    get unsent() {
        const count = this.phone.state.items.length;
        return count ? _t("%s not sent", count) : "";
    }

    /** What waits here until whoever entered it signs in again. */
    get sealed() {
        const { items, sealed } = this.phone.state;
        const count = items.length + sealed;
        if (!count) {
            return "";
        }
        return count === 1
            ? _t("1 unsent item is stored encrypted until its owner signs in.")
            : _t("%s unsent items are stored encrypted until their owners sign in.", count);
    }

    /** What waits behind a place in the bar. */
    count(name) {
        const { alerts, approve, enter } = this.phone.counts;
        return { enter, approve: approve + alerts }[name] || 0;
    }

    /** Where the list is and what is searched in it, for Back and for a reload. */
    notePlace() {
        const views = JSON.parse(JSON.stringify(this.phone.views));
        window.history.replaceState({ top: this.main.el.scrollTop, views }, "");
    }

    /** Scroll to where it was, as soon as the list is long enough. */
    restore(top = 0, frames = MOST_FRAMES) {
        window.requestAnimationFrame(() => {
            const { el } = this.main;
            if (el && frames) {
                el.scrollTop = top;
                el.scrollTop < top && this.restore(top, frames - 1);
            }
        });
    }

    go(name, about = "", { isSame = false } = {}) {
        isSame || this.notePlace();
        const below = [HOME, name === "today" ? "" : name, about].filter(Boolean).join("/");
        window.history[isSame ? "replaceState" : "pushState"]({}, "", below);
        Object.assign(this.state, { about: String(about), name });
        if (!isSame) {
            this.main.el.scrollTo(0, 0);
            this.main.el.focus();
        }
    }

    /** The worker has sent what waited, or a notification was opened. */
    onMessage({ data }) {
        if (data.type === "open") {
            const { about, name } = screenOf(new URL(data.path, window.location));
            this.go(name, about);
        }
        this.phone.refresh();
    }

    back() {
        window.history.length > 1 ? window.history.back() : this.go("today");
    }

    reload() {
        this.env.switchVersion();
    }

    /** Pull to refresh, where the page is at its top; the button does the same. */
    followPull() {
        const { el } = this.main;
        let from = null;
        const listen = (name, act) => el.addEventListener(name, act, { passive: true });
        listen("touchstart", ({ touches }) => {
            from = el.scrollTop <= 0 ? touches[0].clientY : null;
        });
        listen("touchmove", ({ touches }) => {
            if (from !== null) {
                this.state.pulled = Math.min(Math.max(touches[0].clientY - from, 0), PULL);
            }
        });
        listen("touchend", () => {
            if (this.state.pulled >= PULL) {
                this.phone.refresh();
            }
            this.state.pulled = 0;
        });
    }
}
