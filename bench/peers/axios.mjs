// @ts-check
import axios from "axios";
import { address, headers } from "./request.mjs";

/** @param {import("../peers.mjs").Order} order */
export const send = async (order) =>
  (
    await axios.post(
      address(order),
      { method: order.command },
      { adapter: "fetch", headers: headers(order), timeout: 10_000, responseType: "text" },
    )
  ).data;
