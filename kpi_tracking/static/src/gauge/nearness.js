import { onMounted, onWillUnmount, useState } from "@odoo/owl";

const MARGIN = "400px"; // so much earlier than it is seen something is drawn
const watched = new Map(); // element → what to do when it comes near, or leaves

const observer = new IntersectionObserver(
    (entries) => {
        for (const { isIntersecting, target } of entries) {
            watched.get(target)?.(isIntersecting);
        }
    },
    { rootMargin: MARGIN },
);

/**
 * Whether an element is near what is seen: of hundreds in a list only those need drawing.
 *
 * @param {{el: HTMLElement}} root ref of the element, which keeps its size
 * @param {boolean} isLazy without it, it is always near
 * @returns {{isNear: boolean}} reactive
 */
export function useNearness(root, isLazy) {
    const state = useState({ isNear: !isLazy });
    if (isLazy) {
        let el;
        onMounted(() => {
            el = root.el;
            watched.set(el, (isNear) => (state.isNear = isNear));
            observer.observe(el);
        });
        onWillUnmount(() => {
            watched.delete(el);
            observer.unobserve(el);
        });
    }
    return state;
}
