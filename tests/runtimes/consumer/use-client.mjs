// @ts-check
// The client by import.

import { whatTheImportDid } from "./probe.mjs";
import * as client from "campaign-workflow/client";
import { clientScenario } from "./client-scenario.mjs";

const imported = whatTheImportDid();

/** @param {string} baseUrl */
export const use = (baseUrl) => clientScenario({ imported, client }, baseUrl);
