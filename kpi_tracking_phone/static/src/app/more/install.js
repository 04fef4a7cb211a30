import { reactive } from "@odoo/owl";

const isInstalled = () =>
    window.matchMedia("(display-mode: standalone)").matches || navigator.standalone;

/** Whether the app can be installed: by the browser's question, or by hand on iOS. */
export const installing = reactive({
    isByHand: navigator.standalone === false,
    isOffered: false,
    async install() {
        const { event } = this;
        this.isOffered = false;
        await event.prompt();
    },
});

window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault(); // it is asked in the app, not above it
    Object.assign(installing, { event, isOffered: !isInstalled() });
});
window.addEventListener("appinstalled", () => (installing.isOffered = false));
