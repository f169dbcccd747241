// @ts-check
// The client by require.

const { whatTheImportDid } = require("./probe.mjs");
const client = require("campaign-workflow/client");
const imported = whatTheImportDid();
const { clientScenario } = require("./client-scenario.mjs");

/** @param {string} baseUrl */
exports.use = (baseUrl) => clientScenario({ imported, client }, baseUrl);
