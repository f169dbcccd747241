// @ts-check
// Who is signed in, and the stand-in for signing in as somebody else. The gateway decides what they may.

import { announce } from "./announce.js";
import { byId, el, setAttributes, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Role} Role */

/** @type {readonly Role[]} */
const roles = ["operator", "viewer", "nobody"];

/** Signs in as operator where nobody has chosen yet. @param {Store} store */
export async function signInFirst(store) {
  store.set({ role: (await ask("GET")) ?? (await ask("POST", "operator")) });
}

/**
 * Does something as somebody else, who stays signed in no longer than that.
 * @template T @param {Store} store @param {Role} role @param {() => Promise<T>} act @returns {Promise<T>}
 */
export async function signInFor(store, role, act) {
  const before = store.now.role ?? "nobody";
  await ask("POST", role);
  try {
    return await act();
  } finally {
    await ask("POST", before);
  }
}

/** @param {Store} store */
export function showSignIn(store) {
  const label = el("span", { id: "sign-in-label" });
  const buttons = roles.map((role) => {
    const button = el("button", { type: "button", "data-role": role });
    button.addEventListener("click", () => choose(role));
    return { role, button };
  });
  const choices = el(
    "div",
    { class: "choices", role: "group", "aria-labelledby": label.id },
    ...buttons.map(({ button }) => button),
  );
  byId("sign-in").append(label, choices);

  /** @param {Role} role */
  async function choose(role) {
    try {
      store.set({ role: await ask("POST", role) });
      announce(t(`role.about.${role}`));
    } catch {
      announce(t("role.failed"));
    }
  }

  function render() {
    setText(label, t("role.label"));
    for (const { role, button } of buttons) {
      setText(button, t(`role.${role}`));
      setAttributes(button, { "aria-pressed": String(role === store.now.role), title: t(`role.about.${role}`) });
    }
    // Before the gateway has said who is signed in, or where it has no such stand-in, there is nothing to choose.
    setAttributes(byId("sign-in"), { hidden: store.now.role === null });
  }

  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {"GET" | "POST"} method @param {Role} [role] @returns {Promise<Role | null>} who is signed in; null: not chosen yet */
async function ask(method, role) {
  const given = role ? { body: JSON.stringify({ role }), headers: { "Content-Type": "application/json" } } : {};
  const response = await fetch("/sign-in", { method, ...given, signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`/sign-in answered ${response.status}`);
  return (await response.json()).role;
}
