// @ts-check
// The installed package by require, which fails where a module of it awaits at top level.

const { whatTheImportDid } = require("./probe.mjs");
const client = require("campaign-workflow");
const emulator = require("campaign-workflow/emulator");
const { createGateway } = require("./gateway.mjs");
const imported = whatTheImportDid();
const { scenario } = require("./scenario.mjs");

/** @param {string} baseUrl */
exports.use = (baseUrl) => scenario({ imported, client, emulator, createGateway }, baseUrl);
