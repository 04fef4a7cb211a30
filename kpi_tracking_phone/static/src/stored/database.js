// IndexedDB as promises, and values that are sealed before they are written there.

const ALGORITHM = { name: "AES-GCM", length: 256 };

/** What a request of IndexedDB answers. */
export function answerOf(request) {
    return new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
}

/**
 * @param {string} name
 * @param {Object<string, Object>} stores name → options of each
 * @param {() => void} [onClosed] it was deleted, or the browser closed it
 * @returns {Promise<IDBDatabase>}
 */
export function openDatabase(name, stores, onClosed = () => {}) {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
        for (const [store, options] of Object.entries(stores)) {
            request.result.createObjectStore(store, options);
        }
    };
    return answerOf(request).then((database) => {
        // Another tab, or a sign-out, may delete it meanwhile.
        database.onversionchange = () => {
            database.close();
            onClosed();
        };
        database.onclose = onClosed;
        return database;
    });
}

/**
 * Do something with a store, and wait until it is written.
 *
 * @template T
 * @param {IDBDatabase} database
 * @param {string} store
 * @param {(store: IDBObjectStore) => IDBRequest|Promise<T>|void} act
 * @returns {Promise<T>}
 */
export async function change(database, store, act) {
    const transaction = database.transaction(store, "readwrite");
    const isDone = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
    });
    const acted = act(transaction.objectStore(store));
    const found = acted instanceof IDBRequest ? answerOf(acted) : acted;
    const [result] = await Promise.all([found, isDone]);
    return result;
}

/** What a read of a store answers. */
export function read(database, store, ask) {
    return answerOf(ask(database.transaction(store).objectStore(store)));
}

/** A key that no script can read out; the same for page and worker. */
export async function findKey(database, store) {
    const found = await read(database, store, (keys) => keys.get("key"));
    if (found) {
        return found;
    }
    const made = await crypto.subtle.generateKey(ALGORITHM, false, ["encrypt", "decrypt"]);
    return change(database, store, async (keys) => {
        const first = await answerOf(keys.get("key"));
        if (!first) {
            keys.put(made, "key");
        }
        return first || made;
    });
}

/** @returns {Promise<{iv: Uint8Array, bytes: ArrayBuffer}>} a value that only the key opens */
export async function seal(key, value) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const text = new TextEncoder().encode(JSON.stringify(value));
    return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, text) };
}

/** The value that was sealed; null where the key is another one. */
export async function unseal(key, { iv, bytes }) {
    try {
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes);
        return JSON.parse(new TextDecoder().decode(text));
    } catch {
        return null;
    }
}
