import { browser } from "@web/core/browser/browser";
import { ConnectionLostError } from "@web/core/network/rpc";
import { stayFresh } from "@kpi_base/eager/fresh/fresh";

const MOST_DELAY = 500; // milliseconds: not all screens ask at the same moment
const REST = 1000; // between two requests
const LONG_REST = 60000; // where the server did not answer

const isHidden = () => document.visibilityState === "hidden";

/**
 * What has changed and is to be asked for: after a random moment, once a second at most, one
 * request at a time, and never while nobody looks.
 */
export class RefreshQueue {
    isAll = false;
    reportIds = new Set();
    revision = 0;
    isAsking = false;
    isStopped = false;
    delay = null;
    pause = null;

    /**
     * @param {(change: {all?: boolean, report_ids?: number[], revision?: number}) => Promise}
     *  refresh
     */
    constructor(refresh) {
        this.refresh = refresh;
    }

    add({ all, report_ids: reportIds = [], revision = 0 }) {
        this.isAll ||= Boolean(all);
        this.revision = Math.max(this.revision, revision);
        reportIds.forEach((id) => this.reportIds.add(id));
        stayFresh();
        this.schedule();
    }

    take() {
        const change = this.isAll ? { all: true } : { report_ids: [...this.reportIds] };
        if (this.revision) {
            change.revision = this.revision;
        }
        this.isAll = false;
        this.revision = 0;
        this.reportIds.clear();
        return change;
    }

    get isReady() {
        const isSomething = this.isAll || this.revision > 0 || this.reportIds.size > 0;
        return isSomething && !this.isAsking && !this.isStopped && !isHidden();
    }

    schedule() {
        if (this.isReady && !this.delay && !this.pause) {
            this.delay = browser.setTimeout(() => {
                this.delay = null;
                this.ask();
            }, Math.random() * MOST_DELAY);
        }
    }

    async ask() {
        if (!this.isReady) {
            return;
        }
        const change = this.take();
        this.rest();
        this.isAsking = true;
        try {
            await this.refresh(change);
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
            this.rest(LONG_REST);
            this.add(change);
        } finally {
            this.isAsking = false;
            this.schedule();
        }
    }

    rest(milliseconds = REST) {
        browser.clearTimeout(this.pause);
        this.pause = browser.setTimeout(() => {
            this.pause = null;
            this.schedule();
        }, milliseconds);
    }

    stop() {
        this.isStopped = true;
        browser.clearTimeout(this.delay);
        browser.clearTimeout(this.pause);
    }
}
