import { onMounted, onWillUnmount, useExternalListener } from "@odoo/owl";
import { useBus, useService } from "@web/core/utils/hooks";
import { RefreshQueue } from "@kpi_tracking/eager/refresh_queue/refresh_queue";

/**
 * Refresh what a component shows once a message of the bus says that it may have changed.
 *
 * @returns {Function} refreshes it soon, whatever the bus says
 */
export function useChanged(message, refresh) {
    const bus = useService("bus_service");
    const queue = new RefreshQueue(refresh);
    const onChanged = () => queue.add({ all: true });
    useBus(bus, "BUS:RECONNECT", onChanged);
    useExternalListener(document, "visibilitychange", () => queue.schedule());
    onMounted(() => bus.subscribe(message, onChanged));
    onWillUnmount(() => {
        bus.unsubscribe(message, onChanged);
        queue.stop();
    });
    return onChanged;
}
