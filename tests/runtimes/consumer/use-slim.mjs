// @ts-check
// The slim entry, with the module of the project's `module.mjs`.

import { whatTheImportDid } from "./probe.mjs";
import * as slim from "campaign-workflow/slim";
import * as emulator from "campaign-workflow/emulator";
import { createGateway } from "./gateway.mjs";
import { givesModule } from "./module.mjs";
import { scenario } from "./scenario.mjs";

const client = { ...slim, ...slim.withModule(givesModule) };
const imported = whatTheImportDid();

/** @param {string} baseUrl */
export const use = (baseUrl) => scenario({ imported, client, emulator, createGateway }, baseUrl);
