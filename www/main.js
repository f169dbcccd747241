// @ts-check
// Puts the parts together.

import { announce } from "./announce.js";
import { showBulk } from "./bulk.js";
import { createCaller } from "./calls.js";
import { LocalCampaign } from "./campaign.js";
import { loadConfig } from "./config.js";
import { byId } from "./dom.js";
import { showBanner, showFlow, showLanguages } from "./frame.js";
import { applyLanguage, t } from "./i18n.js";
import { keepUpToDate } from "./poll.js";
import { showSignIn, signInFirst } from "./sign-in.js";
import { Store } from "./store.js";
import { showTimeline } from "./timeline.js";
import { showTrials } from "./trials.js";
import { showWorkflows } from "./workflows.js";

const retryMs = 2000;

applyLanguage();
showLanguages();
const store = new Store();
showSignIn(store);
/** Replaced once there is something to look at. */
let lookNow = () => {};
showFlow(store);
showBanner(store, () => lookNow());
showTimeline(store);
await start();

async function start() {
  const config = await configOnceItIsThere();
  store.set({ config });
  // Where there is no stand-in for signing in, the sign-in is a page of its own.
  await signInFirst(store).catch(() => {});
  const campaign = new LocalCampaign();
  const send = createCaller(store, campaign, () => lookNow());
  showWorkflows(store, send);
  showTrials(store, campaign, send);
  showBulk(store, campaign, () => lookNow());
  lookNow = keepUpToDate(store, () => campaign.workflowsText());
  byId("reset").addEventListener("click", async () => {
    try {
      await campaign.reset();
      announce(t("workflows.reset.done"));
      lookNow();
    } catch {
      announce(t("workflows.reset.failed"));
    }
  });
}

async function configOnceItIsThere() {
  for (;;) {
    try {
      return await loadConfig();
    } catch {
      store.set({ campaign: "lost" });
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, retryMs);
        lookNow = () => {
          clearTimeout(timer);
          resolve(undefined);
        };
      });
    }
  }
}
