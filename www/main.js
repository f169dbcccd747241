// @ts-check
// Entry point: creates the parts of the page and connects them.

import { announce } from "./announce.js";
import { showBulk } from "./bulk-panel.js";
import { Caller } from "./calls.js";
import { loadConfig } from "./config.js";
import { showBanner, showFlow, showFooter } from "./connection-status.js";
import { byId } from "./dom.js";
import { EmulatorApi } from "./emulator-api.js";
import { showFailures } from "./failures-panel.js";
import { GatewayApi } from "./gateway-api.js";
import { applyLanguage, t } from "./i18n.js";
import { showLanguageSwitch } from "./language-switch.js";
import { QueueApi } from "./queue-api.js";
import { showQueue } from "./queue-panel.js";
import { QueuePoller } from "./queue-poller.js";
import { initialSignIn, showSignIn } from "./sign-in.js";
import { StateWaiter } from "./state-waiter.js";
import { Store } from "./store.js";
import { showTimeline } from "./timeline.js";
import { WorkflowPoller } from "./workflow-poller.js";
import { showWorkflows } from "./workflows-panel.js";

const retryDelayMs = 2000;

applyLanguage();
showLanguageSwitch();
const store = new Store();
showSignIn(store);
/** Set once there is something to read. */
let readNow = () => {};
showFlow(store);
showFooter(store);
showBanner(store, () => readNow());
showTimeline(store);
await start();

async function start() {
  const config = await loadConfigWithRetry();
  store.set({ config });
  const emulator = new EmulatorApi();
  // A gateway without the demo sign-in has a sign-in page of its own.
  await Promise.all([initialSignIn(store).catch(() => {}), findEmulator(emulator)]);
  const gateway = new GatewayApi(config);
  const poller = new WorkflowPoller(store, gateway);
  const waiter = new StateWaiter(store, gateway, poller);
  const caller = new Caller(store, emulator, poller, waiter);
  const queue = new QueueApi(config);
  showWorkflows(store, caller);
  showQueue(store, emulator, queue, new QueuePoller(store, queue, waiter));
  showFailures(store, emulator, caller, poller);
  showBulk(store, emulator, (call) => caller.followUp(call));
  readNow = () => poller.readAll();
  byId("refresh").addEventListener("click", async () => {
    await poller.readAll();
    announce(t(store.state.gateway === "unreachable" ? "offline.title" : "workflows.refreshed"));
  });
  byId("reset").addEventListener("click", () => reset(emulator, waiter));
  store.onChange(({ role }, before) => {
    if (role !== before.role) readNow();
  });
  await poller.readAll();
}

/** A deployed page has no emulator; what needs it is hidden. @param {EmulatorApi} emulator */
async function findEmulator(emulator) {
  store.set({ emulator: await emulator.isAvailable().catch(() => null) });
  byId("reset").hidden = store.state.emulator !== true;
}

/** @param {EmulatorApi} emulator @param {StateWaiter} waiter */
async function reset(emulator, waiter) {
  try {
    await emulator.reset();
    waiter.clear();
    announce(t("workflows.reset.done"));
    readNow();
  } catch {
    announce(t("workflows.reset.failed"));
  }
}

async function loadConfigWithRetry() {
  for (;;) {
    try {
      return await loadConfig();
    } catch {
      store.set({ gateway: "unreachable" });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, retryDelayMs);
        readNow = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }
}
