// @ts-check
// Puts the parts together.

import { announce } from "./announce.js";
import { showBulk } from "./bulk-panel.js";
import { Caller } from "./calls.js";
import { LocalCampaign } from "./emulator-api.js";
import { loadConfig } from "./config.js";
import { byId } from "./dom.js";
import { showBanner, showFlow, showFooter, showLanguages } from "./connection-status.js";
import { GatewayReader } from "./gateway-api.js";
import { applyLanguage, t } from "./i18n.js";
import { QueueApi } from "./queue-api.js";
import { showQueue } from "./queue-panel.js";
import { QueueWatch } from "./queue-poller.js";
import { Reading } from "./workflow-poller.js";
import { showSignIn, signInFirst } from "./sign-in.js";
import { Store } from "./store.js";
import { showTimeline } from "./timeline.js";
import { showTrials } from "./failures-panel.js";
import { Waits } from "./state-waiter.js";
import { showWorkflows } from "./workflows-panel.js";

const retryMs = 2000;

applyLanguage();
showLanguages();
const store = new Store();
showSignIn(store);
/** Replaced once there is something to read. */
let readNow = () => {};
showFlow(store);
showFooter(store);
showBanner(store, () => readNow());
showTimeline(store);
await start();

async function start() {
  const config = await configOnceItIsThere();
  store.set({ config });
  const campaign = new LocalCampaign();
  // Where there is no stand-in for signing in, the sign-in is a page of its own.
  await Promise.all([signInFirst(store).catch(() => {}), findEmulator(campaign)]);
  const gateway = new GatewayReader(config);
  const reading = new Reading(store, gateway);
  const waits = new Waits(store, gateway, reading);
  const caller = new Caller(store, campaign, reading, waits);
  const queue = new QueueApi(config);
  showWorkflows(store, caller);
  showQueue(store, campaign, queue, new QueueWatch(store, queue, waits));
  showTrials(store, campaign, caller, reading);
  showBulk(store, campaign, (call) => caller.after(call));
  readNow = () => reading.all();
  byId("refresh").addEventListener("click", async () => {
    await reading.all();
    announce(t(store.now.gateway === "lost" ? "lost.title" : "workflows.refreshed"));
  });
  byId("reset").addEventListener("click", () => reset(campaign, waits));
  store.onChange(({ role }, before) => {
    if (role !== before.role) readNow();
  });
  await reading.all();
}

/** Deployed there is none, and what needs it is left out. @param {LocalCampaign} campaign */
async function findEmulator(campaign) {
  store.set({ emulator: await campaign.isThere().catch(() => null) });
  byId("reset").hidden = store.now.emulator !== true;
}

/** @param {LocalCampaign} campaign @param {Waits} waits */
async function reset(campaign, waits) {
  try {
    await campaign.reset();
    waits.clear();
    announce(t("workflows.reset.done"));
    readNow();
  } catch {
    announce(t("workflows.reset.failed"));
  }
}

async function configOnceItIsThere() {
  for (;;) {
    try {
      return await loadConfig();
    } catch {
      store.set({ gateway: "lost" });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, retryMs);
        readNow = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }
}
