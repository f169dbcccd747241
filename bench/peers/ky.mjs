// @ts-check
import ky from "ky";
import { address, headers } from "./request.mjs";

/** @param {import("../peers.mjs").Order} order */
export const send = (order) =>
  ky.post(address(order), { headers: headers(order), json: { method: order.command } }).text();
