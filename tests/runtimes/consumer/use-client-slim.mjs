// @ts-check
// The client's slim entry, with the module of the project's `client-module.mjs`.

import { whatTheImportDid } from "./probe.mjs";
import * as slim from "campaign-workflow/client/slim";
import { givesModule } from "./client-module.mjs";
import { clientScenario } from "./client-scenario.mjs";

const client = { ...slim, ...slim.withModule(givesModule) };
const imported = whatTheImportDid();

/** @param {string} baseUrl */
export const use = (baseUrl) => clientScenario({ imported, client }, baseUrl);
