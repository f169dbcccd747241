// @ts-check
import { address, headers } from "./request.mjs";

/** @param {import("../peers.mjs").Order} order */
export async function send(order) {
  const response = await fetch(address(order), {
    method: "POST",
    headers: headers(order),
    body: JSON.stringify({ method: order.command }),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  return response.text();
}
