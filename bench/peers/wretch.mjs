// @ts-check
import wretch from "wretch";
import { address, headers } from "./request.mjs";

/** @param {import("../peers.mjs").Order} order */
export const send = (order) => wretch(address(order)).headers(headers(order)).post({ method: order.command }).text();
