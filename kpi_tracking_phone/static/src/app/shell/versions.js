/**
 * Register the worker and notice when a newer shell is ready.
 *
 * @param {{hasUpdate: boolean}} state
 * @returns {() => void} switches to the newer one
 */
export function followWorker(state, scope) {
    const workers = navigator.serviceWorker;
    if (!workers) {
        return () => window.location.reload(); // private windows have none
    }
    let waiting = null;
    const offer = (worker) => {
        // The first one that a browser gets replaces nothing.
        if (worker.state === "installed" && workers.controller) {
            waiting = worker;
            state.hasUpdate = true;
        }
    };
    workers.register(`${scope}/worker.js`, { scope, updateViaCache: "none" }).then(
        (registration) => {
            registration.waiting && offer(registration.waiting);
            registration.update().catch(() => {}); // there may be no reception
            registration.addEventListener("updatefound", () => {
                const { installing } = registration;
                installing.addEventListener("statechange", () => offer(installing));
            });
        },
        () => {}, // there is no reception, or no worker allowed
    );
    return () => {
        workers.addEventListener("controllerchange", () => window.location.reload());
        waiting?.postMessage({ type: "switch" });
    };
}
