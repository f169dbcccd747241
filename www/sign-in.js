// @ts-check
// The demo's sign-in: choosing a role replaces a real sign-in. The gateway decides what each role may do.

import { announce } from "./announce.js";
import { byId, el, setAttributes, setText } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Role} Role */

/** @type {readonly Role[]} */
const roles = ["operator", "viewer", "nobody"];

/** Signs in as operator, unless a role was chosen before. @param {Store} store */
export async function initialSignIn(store) {
  store.set({ role: (await request("GET")) ?? (await request("POST", "operator")) });
}

/**
 * Runs an action in another role, then restores the current one.
 * @template T @param {Store} store @param {Role} role @param {() => Promise<T>} action @returns {Promise<T>}
 */
export async function withRole(store, role, action) {
  const before = store.state.role ?? "nobody";
  await request("POST", role);
  try {
    return await action();
  } finally {
    await request("POST", before);
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
      store.set({ role: await request("POST", role) });
      announce(t(`role.about.${role}`));
    } catch {
      announce(t("role.failed"));
    }
  }

  function render() {
    setText(label, t("role.label"));
    for (const { role, button } of buttons) {
      setText(button, t(`role.${role}`));
      setAttributes(button, { "aria-pressed": String(role === store.state.role), title: t(`role.about.${role}`) });
    }
    // Hidden until the gateway has reported the role, and if the gateway has no demo sign-in.
    setAttributes(byId("sign-in"), { hidden: store.state.role === null });
  }

  store.onChange(render);
  onLanguage(render);
  render();
}

/** @param {"GET" | "POST"} method @param {Role} [role] @returns {Promise<Role | null>} the current role; null: not chosen yet */
async function request(method, role) {
  const init = role ? { body: JSON.stringify({ role }), headers: { "Content-Type": "application/json" } } : {};
  const response = await fetch("/sign-in", { method, ...init, signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`/sign-in responded with ${response.status}`);
  return (await response.json()).role;
}
