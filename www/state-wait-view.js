// @ts-check
// What the page says about a wait: the state it waits for and those it has seen, or how it ended. Updated in place, so that focus stays.

import { el, hasFocus, setChildren, setText } from "./dom.js";
import { duration, t } from "./i18n.js";
import { icon } from "./icons.js";

/** @typedef {import("./store.js").Wait} Wait */

export class WaitView {
  /** @type {Wait | null} */
  #wait = null;
  #text = el("span");
  #stop = el("button", { type: "button", class: "quiet stop-waiting" });
  #onFocusLost;
  element = el("span", { class: "wait" });

  /** @param {() => void} [onFocusLost] with it, there is a button that stops the wait: it is gone under the focus */
  constructor(onFocusLost) {
    this.#onFocusLost = onFocusLost;
    this.#stop.addEventListener("click", () => this.#wait?.settle("stopped"));
  }

  /** @param {Wait | null} wait */
  update(wait) {
    this.#wait = wait;
    const runs = wait !== null && wait.end === null;
    const hadFocus = hasFocus(this.#stop);
    setText(this.#text, wait ? waitText(wait) : "");
    setText(this.#stop, t("wait.stop"));
    this.element.dataset.wait = wait ? (wait.end ?? "runs") : "none";
    const mark = runs ? (this.element.querySelector("[data-icon]") ?? icon("waiting")) : null;
    setChildren(this.element, wait ? [mark, this.#text, runs && this.#onFocusLost !== undefined && this.#stop] : []);
    if (hadFocus && !runs) this.#onFocusLost?.();
  }
}

/** @param {Wait} wait */
export function waitText({ wanted, states, end, durationMs }) {
  const words = states.map((state) => t(`state.${state}`));
  const values = {
    wanted: t(`state.${wanted}`),
    states: words.join(" → "),
    last: words.at(-1) ?? "",
    duration: duration(durationMs),
  };
  return t(end === null ? "wait.runs" : `wait.${end}`, values);
}
