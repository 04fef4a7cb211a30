import { onMounted, onWillUnmount, useEffect, useExternalListener, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { user } from "@web/core/user";
import { useBus, useService } from "@web/core/utils/hooks";
import { RefreshQueue } from "../eager/refresh_queue/refresh_queue";

export const CHANGED = "kpi_tracking.measured";
const CONNECTED = "CONNECTED";
const EVERYTHING = { all: true };
const GRACE = 5000; // milliseconds: a connection that comes back at once was not lost
const POLL = 60000;

/** Channel → number of screens of this page that listen. */
const listeners = new Map();

function listen(bus, channel) {
    const count = listeners.get(channel) || 0;
    listeners.set(channel, count + 1);
    if (!count) {
        bus.addChannel(channel);
    }
}

function leave(bus, channel) {
    const count = listeners.get(channel) - 1;
    listeners.set(channel, count);
    if (!count) {
        bus.deleteChannel(channel);
    }
}

/**
 * Whether the page hears of changes.
 *
 * @param {() => void} onBack called when it does again
 * @returns {{isLive: boolean, since: luxon.DateTime | null}} reactive: since when it does not
 */
function useConnection(bus, onBack) {
    const state = useState({ isLive: true, since: null });
    let grace = null;
    let wasConnected = bus.workerState === CONNECTED;

    function onState(worker) {
        if (worker !== CONNECTED) {
            const now = luxon.DateTime.now();
            state.since ||= wasConnected ? now : null;
            grace ||= browser.setTimeout(() => {
                Object.assign(state, { isLive: false, since: state.since || now });
            }, GRACE);
            return;
        }
        browser.clearTimeout(grace);
        grace = null;
        wasConnected = true;
        if (state.since) {
            Object.assign(state, { isLive: true, since: null });
            onBack();
        }
    }

    useBus(bus, "BUS:WORKER_STATE_UPDATED", ({ detail }) => onState(detail));
    onMounted(() => onState(bus.workerState));
    onWillUnmount(() => browser.clearTimeout(grace));
    return state;
}

function useOwnMessages(bus, queue, own) {
    if (!own) {
        return;
    }
    function onOwn(body) {
        const change = own.changeOf(body);
        if (change) {
            queue.add(change);
        }
    }
    useEffect(
        (channel) => {
            if (channel) {
                listen(bus, channel);
                return () => leave(bus, channel);
            }
        },
        () => [own.channel()],
    );
    onMounted(() => bus.subscribe(own.type, onOwn));
    onWillUnmount(() => bus.unsubscribe(own.type, onOwn));
}

/**
 * Have a screen ask anew for what changes (see ``RefreshQueue`` when), for everything once a
 * lost connection is back, and once a minute while it is lost.
 *
 * A screen that shows a record of its own hears also of that one, on a channel that
 * ``ir.websocket._find_listened`` lets the user listen to::
 *
 *     useLiveKpis(refresh, {
 *         type: "my_addon.arranged",
 *         channel: () => this.id && `kpi_tracking.board_${this.id}`,
 *         changeOf: ({ id, revision }) => id === this.id && { revision },
 *     });
 *
 * @param {(change: {all?: boolean, report_ids?: number[], revision?: number}) => Promise}
 *  refresh ids are those of ``kpi.report``; the revision is that of the record, where it has
 *  changed; it may reject as the server is away
 * @param {{type: string, channel: () => string | false, changeOf: (body: Object) =>
 *  {revision: number} | false}} [own] messages about the record that is shown
 * @returns {{isLive: boolean, since: luxon.DateTime | null}} reactive: since when the screen
 *  does not hear of changes
 */
export function useLiveKpis(refresh, own = null) {
    const bus = useService("bus_service");
    const queue = new RefreshQueue(refresh);
    const channels = user.activeCompanies.map(({ id }) => `kpi_tracking.company_${id}`);
    const onChanged = (change) => queue.add(change);
    const connection = useConnection(bus, () => {
        queue.rest();
        queue.add(EVERYTHING);
    });
    let poll;

    useOwnMessages(bus, queue, own);
    useExternalListener(document, "visibilitychange", () => queue.schedule());
    onMounted(() => {
        bus.subscribe(CHANGED, onChanged);
        channels.forEach((channel) => listen(bus, channel));
        poll = browser.setInterval(() => connection.isLive || queue.add(EVERYTHING), POLL);
    });
    onWillUnmount(() => {
        bus.unsubscribe(CHANGED, onChanged);
        channels.forEach((channel) => leave(bus, channel));
        browser.clearInterval(poll);
        queue.stop();
    });
    return connection;
}
