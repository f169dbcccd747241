// @ts-check
// Keeps the workflows up to date, and notices when the local Campaign goes away and comes back.

/** @typedef {import("./store.js").Store} Store */

const restingMs = 1000;
const pendingMs = 300;
const longestWaitMs = 5000;

/**
 * @param {Store} store
 * @param {() => Promise<string>} read the workflows as JSON text
 * @returns {() => void} looks again at once
 */
export function keepUpToDate(store, read) {
  let last = "";
  let failures = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let looking = false;
  let again = false;

  async function look() {
    clearTimeout(timer);
    if (looking) return void (again = true);
    looking = true;
    try {
      const text = await read();
      failures = 0;
      if (text !== last || store.now.campaign !== "connected") {
        const workflows = JSON.parse(text);
        last = text;
        store.set({ campaign: "connected", nextTryAt: null, workflows });
      }
    } catch {
      failures += 1;
      store.set({ campaign: "lost", nextTryAt: Date.now() + pauseMs() });
    }
    looking = false;
    timer = setTimeout(look, again ? 0 : pauseMs());
    again = false;
  }

  function pauseMs() {
    if (failures > 0) return Math.min(500 * 2 ** failures, longestWaitMs);
    if (document.hidden) return longestWaitMs;
    return store.now.workflows.some(({ pending }) => pending.length > 0) ? pendingMs : restingMs;
  }

  document.addEventListener("visibilitychange", () => document.hidden || look());
  look();
  return look;
}
