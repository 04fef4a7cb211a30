import { change, read, seal, unseal } from "./database";
import { Keep, readShell } from "./keep";
import { callPhone, Refused, Unreachable } from "./server";

const MOST_ITEMS = 50; // of a request
const MOST_LETTERS = 2000000; // of a request, as JSON
const NOTICES = "notices"; // the draft that holds what was added without a page

/**
 * @typedef {Object} Item
 * @property {string} uuid which the server takes once
 * @property {"entry"|"note"|"acknowledge"|"snooze"} kind
 * @property {string} phone_time
 * @property {Object} [seen] what the phone showed
 * @property {string} [after] uuid of an earlier item about the same
 * @property {Object} data
 * @property {string} [photo] base64, sent with the entry
 * @property {Object} [about] words for the screen, never sent
 * @property {{state: string, message?: string, theirs?: Object}} [answer] of the server
 */

/**
 * What a person entered and the server has not confirmed yet. An item leaves it only by an
 * answer that names it, or because its owner deletes it.
 */
export class Outbox {
    /**
     * @param {Keep} keep
     * @param {(message: string) => void} [notify] what the server adds to what it has done
     */
    constructor(keep, notify = () => {}) {
        Object.assign(this, { keep, notify });
    }

    /** @returns {Promise<Item[]>} in the order in which they were entered; `isLost`: unreadable */
    async list() {
        const { database, key } = this.keep;
        const rows = await read(database, "outbox", (store) => store.getAll());
        return Promise.all(
            rows.map(async ({ order, uuid, sealed }) => ({
                ...((await unseal(key, sealed)) || { isLost: true, kind: "lost", data: {} }),
                order,
                uuid,
            })),
        );
    }

    /** @returns {Promise<Item>} the item as it waits */
    async add({ kind, data, ...more }) {
        const { uid, company_id } = this.keep.scope;
        const item = {
            ...more,
            company_id,
            data,
            kind,
            phone_time: new Date().toISOString(),
            uid,
            uuid: crypto.randomUUID(),
        };
        await this._write(item);
        return item;
    }

    /** Answer a conflict: the same item with other data, as a new one. */
    async replace(item, data) {
        const { about, kind, photo } = item;
        const seen = item.answer?.theirs || item.seen;
        const added = await this.add({ about, data, kind, photo, seen });
        await this.remove(item);
        return added;
    }

    async remove({ order }) {
        await change(this.keep.database, "outbox", (store) => store.delete(order));
    }

    /**
     * Send what waits; of all tabs and the worker one at a time does.
     *
     * @param {(items: Object[]) => Promise<Object[]>} [sendLast] sends the last request,
     *      instead of `flush`, and returns what that returns
     * @returns {Promise<number>} of items that were done
     * @raises what `callPhone` raises; what was not answered stays
     */
    async send(sendLast) {
        const act = () => this._sendAll(sendLast);
        return navigator.locks.request(`outbox ${this.keep.name}`, act);
    }

    async _sendAll(sendLast) {
        const flush = (items) => callPhone("flush", items);
        const tried = new Set();
        let done = 0;
        let most = MOST_ITEMS;
        for (;;) {
            const waiting = (await this.list()).filter(isWaiting);
            const batch = chooseBatch(waiting, tried, most);
            if (!batch.length) {
                return done;
            }
            const isLast = waiting.length - batch.length === countOf(waiting, tried);
            try {
                const send = (isLast && sendLast) || flush;
                const answers = await send(batch.map(toSend));
                done += await this._take(batch, answers);
            } catch (error) {
                if (error instanceof Unreachable && batch[0].photo) {
                    // One that is too large for the reception does not hold up the others.
                    await this._write(batch[0], { isLast: true });
                }
                if (!(error instanceof Refused)) {
                    throw error;
                }
                if (most > 1) {
                    most = 1; // one of them is what the server cannot take
                    sendLast = null;
                    continue;
                }
                await this._answer(batch[0], { state: "failed", message: error.message });
            }
            batch.forEach(({ uuid }) => tried.add(uuid));
        }
    }

    async _take(batch, answers) {
        let done = 0;
        for (const answer of answers) {
            const item = batch.find(({ uuid }) => uuid === answer.uuid);
            if (item && answer.state === "done") {
                await this.remove(item);
                done += 1;
                if (answer.message) {
                    this.notify(answer.message);
                }
            } else if (item) {
                const { is_withdrawn, message, state, theirs } = answer;
                await this._answer(item, { is_withdrawn, message, state, theirs });
            }
        }
        return done;
    }

    /** What is tried again goes behind the others. */
    _answer(item, answer) {
        return this._write({ ...item, answer }, { isLast: answer.state === "failed" });
    }

    async _write({ order, ...item }, { isLast = false } = {}) {
        const sealed = await seal(this.keep.key, item);
        const row = { uuid: item.uuid, sealed };
        await change(this.keep.database, "outbox", (store) => {
            if (order && isLast) {
                store.delete(order);
            }
            store.put(order && !isLast ? { ...row, order } : row);
        });
    }
}

/**
 * The items of the next request: those without photos first, as photos take long and may
 * not get through; of photos one. What follows an item that waits itself comes after it.
 */
function chooseBatch(waiting, tried, most) {
    const open = new Set(waiting.map(({ uuid }) => uuid));
    const ready = waiting.filter(({ uuid }) => !tried.has(uuid));
    const batch = [];
    let letters = 0;
    for (const item of ready.filter(({ photo }) => !photo)) {
        letters += JSON.stringify(toSend(item)).length;
        if (batch.length === most || (batch.length && letters > MOST_LETTERS)) {
            break;
        }
        if (!open.has(item.after)) {
            batch.push(item);
            open.delete(item.uuid);
        }
    }
    return batch.length ? batch : ready.filter(({ after }) => !open.has(after)).slice(0, 1);
}

const countOf = (items, uuids) => items.filter(({ uuid }) => uuids.has(uuid)).length;

/**
 * What failed, or what the rights were missing for, is tried again with the next sending; on
 * all else a person decides.
 */
export function isWaiting({ answer, isLost }) {
    return !isLost && (!answer || answer.state === "failed" || Boolean(answer.is_withdrawn));
}

/** Only what the server is to know. */
function toSend({ after, company_id, data, kind, phone_time, photo, seen, uid, uuid }) {
    const more = { ...(after && { after }), ...(seen && { seen }) };
    const all = { ...data, ...(photo && { photo }) };
    return { uuid, uid, company_id, kind, phone_time, data: all, ...more };
}

/** Send what waits of all companies without a page: what the worker does. */
export async function sendKept(isSignedIn) {
    const last = await readShell("last");
    if (!last || !(await isSignedIn(last))) {
        return 0;
    }
    let done = 0;
    for (const scope of await Keep.listScopes(last)) {
        const keep = await Keep.open(scope);
        const added = [];
        try {
            done += await new Outbox(keep, (message) => added.push(message)).send();
        } finally {
            if (added.length) {
                const before = (await keep.readDraft(NOTICES)) || [];
                await keep.writeDraft(NOTICES, [...before, ...added]);
            }
            keep.close();
        }
    }
    return done;
}

/** What the server added to what was sent without a page, for the page that opens next. */
export async function takeNotices(keep) {
    const found = await keep.readDraft(NOTICES);
    if (found) {
        await keep.writeDraft(NOTICES, null);
    }
    return found || [];
}

/**
 * @param {(scope: Object) => boolean} [isCounted]
 * @returns {Promise<number>} how many items wait on this phone, of all people
 */
export async function countKept(isCounted = () => true) {
    let count = 0;
    for (const scope of ((await readShell("scopes")) || []).filter(isCounted)) {
        const keep = await Keep.open(scope);
        count += await read(keep.database, "outbox", (store) => store.count());
        keep.close();
    }
    return count;
}
