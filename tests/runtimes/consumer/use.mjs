// @ts-check
// The installed package by import: the entries that every runtime has.

import { whatTheImportDid } from "./probe.mjs";
import * as client from "campaign-workflow";
import * as emulator from "campaign-workflow/emulator";
import { createGateway } from "./gateway.mjs";
import { scenario } from "./scenario.mjs";

const imported = whatTheImportDid();

/** @param {string} baseUrl */
export const use = (baseUrl) => scenario({ imported, client, emulator, createGateway }, baseUrl);
