// @ts-check
import { createFetch } from "ofetch";
import { address, headers } from "./request.mjs";

// Its own instance keeps the fetch that was there when it was imported.
const ofetch = createFetch({ fetch: (input, init) => fetch(input, init) });

/** @param {import("../peers.mjs").Order} order */
export const send = (order) =>
  ofetch(address(order), {
    method: "POST",
    headers: headers(order),
    body: { method: order.command },
    timeout: 10_000,
    responseType: "text",
  });
