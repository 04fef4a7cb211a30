import { onMounted, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";

export const SHORTEST = 5; // seconds
export const USUAL = 30;

/** Dashboards on a screen that nobody touches: one after the other, always fresh. */
class Tv {
    at = 0;
    ids = [];
    interval = USUAL;
    isOn = false;
    isPaused = false;

    constructor({ keep, model, show }) {
        Object.assign(this, { keep, model, show });
    }

    /** @param {number[]} ids of dashboards, in the order in which they are shown */
    start(ids, interval) {
        this.ids = ids.length ? ids : [this.model.id];
        this.interval = Math.max(SHORTEST, interval || USUAL);
        this.at = Math.max(0, this.ids.indexOf(this.model.id));
        Object.assign(this, { isOn: true, isPaused: false });
        this.keep({ tv: this.ids.join(","), interval: this.interval });
        this.keepAwake();
        this.go(0);
        this.wait();
    }

    leave() {
        if (!this.isOn) {
            return;
        }
        this.isOn = false;
        browser.clearInterval(this.timer);
        this.lock?.release();
        this.keep({ tv: undefined, interval: undefined });
        if (document.fullscreenElement) {
            document.exitFullscreen();
        }
    }

    togglePause() {
        this.isPaused = !this.isPaused;
    }

    /** Some dashboards further on; the same one is fetched again. */
    async go(steps) {
        const { length } = this.ids;
        this.at = (this.at + steps + length) % length;
        await this.show(this.ids[this.at]);
    }

    wait() {
        browser.clearInterval(this.timer);
        this.timer = browser.setInterval(
            () => this.go(this.isPaused ? 0 : 1),
            1000 * this.interval,
        );
    }

    /** Not every browser can, and none does in a hidden tab. */
    async keepAwake() {
        try {
            this.lock = await navigator.wakeLock?.request("screen");
        } catch {
            this.lock = null;
        }
    }

    onKeydown(ev) {
        const steps = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
        if (!this.isOn) {
            return;
        }
        if (ev.key === "Escape") {
            this.leave();
        } else if (ev.key === " ") {
            ev.preventDefault();
            this.togglePause();
        } else if (steps) {
            this.go(steps);
            this.wait();
        }
    }

    /** The browser takes Esc for itself while it shows the whole screen. */
    onFullscreenChange() {
        if (!document.fullscreenElement) {
            this.leave();
        }
    }
}

/**
 * TV mode of a dashboard; an address with `tv` starts it.
 *
 * @param {{model: Object, show: (id: number) => Promise, keep: (address: Object) => void}} of
 */
export function useTv(of) {
    const tv = useState(new Tv(of));
    useExternalListener(window, "keydown", (ev) => tv.onKeydown(ev), { capture: true });
    useExternalListener(document, "fullscreenchange", () => tv.onFullscreenChange());
    onMounted(() => {
        const { interval, tv: asked } = router.current;
        if (asked) {
            const ids = String(asked).split(",").map(Number).filter(Boolean);
            tv.start(ids, Number(interval));
        }
    });
    onWillUnmount(() => tv.leave());
    return tv;
}
