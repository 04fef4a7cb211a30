import { answerOf, change, findKey, openDatabase, read, seal, unseal } from "./database";

const SHELL = "kpi_phone";
const STORES = { keys: {}, rows: {}, outbox: { keyPath: "order", autoIncrement: true } };
const DAY = 24 * 3600 * 1000; // milliseconds
const ABOUT = "about"; // the row that says of when the others are, and whose
const DRAFT = "draft:"; // before the keys of what is being typed

/**
 * @typedef {Object} Scope whose data it is
 * @property {string} db
 * @property {number} uid
 * @property {number} company_id
 */

const nameOf = ({ db, uid, company_id }) => `${SHELL}/${db}/${uid}/${company_id}`;

let shell = null; // the connection, as it is asked often when the app starts

/** Facts that are no secret: whose data was shown last, words of a language, settings. */
export async function readShell(key) {
    return read(await openShell(), "facts", (facts) => facts.get(key));
}

/** Write such a fact. */
export async function writeShell(key, value) {
    await change(await openShell(), "facts", (facts) => facts.put(value, key));
}

async function openShell() {
    const forget = () => (shell = null);
    shell ||= openDatabase(SHELL, { facts: {} }, forget);
    shell.catch(forget);
    return shell;
}

/**
 * What is on the phone of one person, in one company: rows by key, each encrypted, and what
 * waits to be sent (see `Outbox`).
 */
export class Keep {
    /** Whether somebody has deleted it meanwhile: it has to be opened anew. */
    isClosed = false;

    constructor(scope) {
        Object.assign(this, { scope, name: nameOf(scope) });
    }

    /**
     * @param {Scope} scope
     * @returns {Promise<Keep>}
     */
    static async open({ db, uid, company_id }) {
        const scope = { db, uid, company_id };
        const keep = new Keep(scope);
        const [database, scopes] = await Promise.all([
            openDatabase(keep.name, STORES, () => (keep.isClosed = true)),
            readShell("scopes"),
        ]);
        Object.assign(keep, { database, key: await findKey(database, "keys") });
        const others = scopes || [];
        if (!others.some((other) => nameOf(other) === keep.name)) {
            await writeShell("scopes", [...others, scope]);
        }
        return keep;
    }

    /** Data of whoever was shown last; null where there is none. */
    static async openLast() {
        const last = await readShell("last");
        return last ? Keep.open(last) : null;
    }

    /** The companies of which a person has data here, the given one first. */
    static async listScopes({ db, uid, company_id }) {
        const scopes = (await readShell("scopes")) || [];
        const own = scopes.filter((scope) => scope.db === db && scope.uid === uid);
        const isFirst = (scope) => scope.company_id === company_id;
        return [...own.filter(isFirst), ...own.filter((scope) => !isFirst(scope))];
    }

    /** Delete what is kept of all others; what they have not sent stays, sealed. */
    static async forgetOthers({ db, uid }) {
        for (const other of (await readShell("scopes")) || []) {
            if (other.db !== db || other.uid !== uid) {
                const keep = await Keep.open(other);
                await keep.forget();
                keep.close();
            }
        }
    }

    close() {
        this.database.close();
    }

    /**
     * All that is kept and not too old.
     *
     * @param {number} [now] milliseconds
     * @returns {Promise<{about: Object|null, rows: Object, digests: Object}>} `about`: `at`,
     *      `me`, `phone_at`; key → data and key → digest
     */
    async readAll(now = Date.now()) {
        const transaction = this.database.transaction("rows");
        const store = transaction.objectStore("rows");
        const [keys, sealed] = await Promise.all([
            answerOf(store.getAllKeys()),
            answerOf(store.getAll()),
        ]);
        const values = await Promise.all(sealed.map((row) => unseal(this.key, row)));
        const found = { about: null, rows: {}, digests: {} };
        keys.forEach((key, at) => {
            if (key === ABOUT) {
                found.about = values[at];
            } else if (values[at] !== null && !key.startsWith(DRAFT)) {
                found.rows[key] = values[at];
                found.digests[key] = sealed[at].digest;
            }
        });
        const { about } = found;
        // A clock that was set back is no reason to delete.
        if (!about || now - about.phone_at > about.me.asleep_days * DAY) {
            if (keys.length) {
                await this.forget();
            }
            return { about: null, rows: {}, digests: {} };
        }
        return found;
    }

    /**
     * Take over what `kpi.phone.sync` answered.
     *
     * @param {{rows: Object, gone: string[], at: string, me: Object}} answer
     */
    async write({ rows, gone, at, me }, now = Date.now()) {
        const about = { at, me, phone_at: now };
        const changed = await Promise.all(
            Object.entries(rows).map(async ([key, { data, digest }]) => [
                key,
                { digest, ...(await seal(this.key, data)) },
            ]),
        );
        const sealed = await seal(this.key, about);
        await change(this.database, "rows", (store) => {
            gone.forEach((key) => store.delete(key));
            changed.forEach(([key, row]) => store.put(row, key));
            store.put(sealed, ABOUT);
        });
        return about;
    }

    /** What was being typed there; null where that is nothing. */
    async readDraft(key) {
        const row = await read(this.database, "rows", (store) => store.get(DRAFT + key));
        return row ? unseal(this.key, row) : null;
    }

    /** Keep what is being typed, as the system may end the page; null forgets it. */
    async writeDraft(key, draft) {
        const sealed = draft && (await seal(this.key, draft));
        await change(this.database, "rows", (store) =>
            draft ? store.put(sealed, DRAFT + key) : store.delete(DRAFT + key),
        );
    }

    /** Delete what is kept; what was not sent stays. */
    async forget() {
        await change(this.database, "rows", (rows) => rows.clear());
    }
}

/** This moment by the server's clock, as of its last answer: a phone's may be a day wrong. */
export function findNow(about) {
    return new Date(Date.now() - (about ? about.phone_at - Date.parse(about.at) : 0));
}

/** Delete what is kept of whoever was shown last, of all their companies. */
export async function forgetLast() {
    const last = await readShell("last");
    for (const scope of last ? await Keep.listScopes(last) : []) {
        const keep = await Keep.open(scope);
        await keep.forget();
        keep.close();
    }
}
