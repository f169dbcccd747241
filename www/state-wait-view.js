// @ts-check
// Shows a wait: the expected state and the states seen so far, or its result. Updated in place, so the focus stays.

import { el, hasFocus, setChildren, setText } from "./dom.js";
import { duration, t } from "./i18n.js";
import { icon } from "./icons.js";

/** @typedef {import("./store.js").StateWait} StateWait */

export class StateWaitView {
  /** @type {StateWait | null} */
  #wait = null;
  #text = el("span");
  #stop = el("button", { type: "button", class: "quiet stop-waiting" });
  #onFocusLost;
  element = el("span", { class: "wait" });

  /** @param {() => void} [onFocusLost] adds a stop button; called when it disappears while it has the focus */
  constructor(onFocusLost) {
    this.#onFocusLost = onFocusLost;
    this.#stop.addEventListener("click", () => this.#wait?.finish("stopped"));
  }

  /** @param {StateWait | null} wait */
  update(wait) {
    this.#wait = wait;
    const isOpen = wait !== null && wait.result === null;
    const hadFocus = hasFocus(this.#stop);
    setText(this.#text, wait ? waitText(wait) : "");
    setText(this.#stop, t("wait.stop"));
    this.element.dataset.wait = wait ? (wait.result ?? "open") : "none";
    const mark = isOpen ? (this.element.querySelector("[data-icon]") ?? icon("waiting")) : null;
    const stop = isOpen && this.#onFocusLost !== undefined && this.#stop;
    setChildren(this.element, wait ? [mark, this.#text, stop] : []);
    if (hadFocus && !isOpen) this.#onFocusLost?.();
  }
}

/** @param {StateWait} wait */
export function waitText({ expected, states, result, durationMs }) {
  const names = states.map((state) => t(`state.${state}`));
  const values = {
    expected: t(`state.${expected}`),
    states: names.join(" → "),
    last: names.at(-1) ?? "",
    duration: duration(durationMs),
  };
  return t(`wait.${result ?? "open"}`, values);
}
