import { onMounted, onWillUnmount, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { router } from "@web/core/browser/router";
import { useTvPages } from "./tv_pages";

export const SHORTEST = 5; // seconds
export const USUAL = 30;

/** Dashboards on a screen that nobody touches: one after the other, always fresh. */
class Tv {
    at = 0;
    ids = [];
    interval = USUAL;
    isPaused = false;
    page = 0; // of a dashboard that is taller than the screen
    pages = 1;
    shown = new Set(); // which dashboards on which days

    constructor({ keep, model, show }) {
        Object.assign(this, { keep, model, show });
        this.isOn = Boolean(router.current.tv); // as the first view is read and counted
    }

    get isOn() {
        return this.model.isOnTv;
    }

    set isOn(isOn) {
        this.model.isOnTv = isOn;
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
        if (this.isOn) {
            this.stop();
            this.show(this.model.id); // charts take the colours of where they stand
        }
    }

    stop() {
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

    /** Whether a dashboard is on this screen for the first time today. */
    isFirstToday(id) {
        const key = `${luxon.DateTime.local().toISODate()} ${id}`;
        const isFirst = !this.shown.has(key);
        this.shown.add(key);
        return isFirst;
    }

    /** Some dashboards further on; the same one is fetched again, one that is gone left out. */
    async go(steps) {
        const { length } = this.ids;
        for (let tries = 0; tries < length; tries++) {
            this.at = (this.at + steps + length) % length;
            await this.show(this.ids[this.at]);
            const published = this.model.dashboard?.draft_of_id;
            if (published) {
                // An address may name a draft: others look at this screen.
                this.ids[this.at] = published;
                await this.show(published);
            }
            if (this.model.answer || !steps) {
                break;
            }
        }
        if (steps) {
            this.page = 0;
        }
    }

    /** As many pages as there are; the one that is shown may be gone. */
    setPages(count) {
        this.pages = Math.max(count, 1);
        this.page = Math.min(this.page, this.pages - 1);
    }

    /** The next rows of a dashboard that does not fit; whether there are any. */
    turnPage() {
        if (this.page + 1 >= this.pages) {
            return false;
        }
        this.page++;
        return true;
    }

    next() {
        if (this.isPaused) {
            return this.go(0);
        }
        return this.turnPage() || this.go(1);
    }

    wait() {
        browser.clearInterval(this.timer);
        this.timer = browser.setInterval(() => this.next(), 1000 * this.interval);
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
 * @param {{model: Object, show: (id: number) => Promise, keep: (address: Object) => void,
 *  grid: () => HTMLElement | null, screen: () => HTMLElement | null}} of
 */
export function useTv(of) {
    const tv = useState(new Tv(of));
    useTvPages(tv, of);
    useExternalListener(window, "keydown", (ev) => tv.onKeydown(ev), { capture: true });
    useExternalListener(document, "fullscreenchange", () => tv.onFullscreenChange());
    onMounted(() => {
        const { interval, tv: asked } = router.current;
        if (asked) {
            const ids = String(asked).split(",").map(Number).filter(Boolean);
            tv.start(ids, Number(interval));
        }
    });
    onWillUnmount(() => tv.isOn && tv.stop());
    return tv;
}
