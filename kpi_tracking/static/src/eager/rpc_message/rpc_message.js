import { RPCError } from "@web/core/network/rpc";

/**
 * @param {Error} error
 * @param {string} otherwise where the server said nothing for people
 * @returns {string} what the server said is wrong
 */
export function rpcMessage(error, otherwise) {
    return (error instanceof RPCError && error.data?.message) || otherwise;
}
