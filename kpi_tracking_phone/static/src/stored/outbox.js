import { change, read, seal, unseal } from "./database";
import { Keep } from "./keep";
import { callPhone, Refused, sendPhoto } from "./server";

const MOST_ITEMS = 50; // of a request
const MOST_LETTERS = 2000000; // of a request, as JSON

/**
 * @typedef {Object} Item
 * @property {string} uuid which the server takes once
 * @property {"entry"|"note"|"acknowledge"|"snooze"} kind
 * @property {string} phone_time
 * @property {Object} [seen] what the phone showed
 * @property {string} [after] uuid of an earlier item about the same
 * @property {Object} data
 * @property {string} [photo] base64, until it was handed over
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
     * @param {() => Promise<string>} [findCsrf] needed for photos
     */
    constructor(keep, findCsrf = async () => "") {
        Object.assign(this, { keep, findCsrf });
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
     * @returns {Promise<number>} of items that were done
     * @raises what `callPhone` raises; what was not answered stays
     */
    async send() {
        return navigator.locks.request(`outbox ${this.keep.name}`, () => this._sendAll());
    }

    async _sendAll() {
        const tried = new Set();
        let done = 0;
        let most = MOST_ITEMS;
        for (;;) {
            const all = await this.list();
            const waiting = all.filter((item) => !tried.has(item.uuid) && isWaiting(item));
            const batch = await this._prepare(waiting, most);
            if (!batch.length) {
                return done;
            }
            try {
                const answers = await callPhone("flush", batch.map(toSend));
                done += await this._take(batch, answers);
            } catch (error) {
                if (!(error instanceof Refused)) {
                    throw error;
                }
                if (most > 1) {
                    most = 1; // one of them is what the server cannot take
                    continue;
                }
                await this._answer(batch[0], { state: "failed", message: error.message });
            }
            batch.forEach(({ uuid }) => tried.add(uuid));
        }
    }

    /** The first items that fit into a request, their photos handed over. */
    async _prepare(waiting, most) {
        const batch = [];
        let letters = 0;
        for (const item of waiting.slice(0, most)) {
            const ready = item.photo ? await this._handOver(item) : item;
            if (!ready) {
                continue;
            }
            letters += JSON.stringify(toSend(ready)).length;
            if (batch.length && letters > MOST_LETTERS) {
                break;
            }
            batch.push(ready);
        }
        return batch;
    }

    async _handOver({ photo, ...item }) {
        try {
            const id = await sendPhoto(photo, await this.findCsrf());
            item.data = { ...item.data, attachment_ids: [id] };
            await this._write(item);
            return item;
        } catch (error) {
            if (!(error instanceof Refused)) {
                throw error;
            }
            await this._answer({ ...item, photo }, { state: "refused", message: error.message });
            return null;
        }
    }

    async _take(batch, answers) {
        let done = 0;
        for (const answer of answers) {
            const item = batch.find(({ uuid }) => uuid === answer.uuid);
            if (item && answer.state === "done") {
                await this.remove(item);
                done += 1;
            } else if (item) {
                const { message, state, theirs } = answer;
                await this._answer(item, { message, state, theirs });
            }
        }
        return done;
    }

    _answer(item, answer) {
        return this._write({ ...item, answer });
    }

    async _write({ order, ...item }) {
        const sealed = await seal(this.keep.key, item);
        const row = { uuid: item.uuid, sealed, ...(order && { order }) };
        await change(this.keep.database, "outbox", (store) => store.put(row));
    }
}

/** What failed is tried again with the next sending; on all else a person decides. */
export function isWaiting({ answer, isLost }) {
    return !isLost && (!answer || answer.state === "failed");
}

/** Only what the server is to know. */
function toSend({ after, company_id, data, kind, phone_time, seen, uid, uuid }) {
    const more = { ...(after && { after }), ...(seen && { seen }) };
    return { uuid, uid, company_id, kind, phone_time, data, ...more };
}

/** Send what waits without a page: what the worker does. */
export async function sendKept(isSignedIn) {
    const keep = await Keep.openLast();
    if (!keep) {
        return 0;
    }
    try {
        const { about } = await keep.readAll();
        const isTheirs = await isSignedIn(keep.scope);
        return isTheirs ? await new Outbox(keep, async () => about?.me.csrf).send() : 0;
    } finally {
        keep.close();
    }
}
