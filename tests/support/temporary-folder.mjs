// @ts-check
// Folders that a test removes when it ends.

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isFolder } from "../../scripts/lib/paths.mjs";

/** @typedef {{ folder: string, remove: () => void }} Folder */

/** @param {string} [below] @returns {Folder} */
export function temporaryFolder(below = realpathSync(tmpdir())) {
  const folder = mkdtempSync(join(below, "campaign-workflow-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** A folder for the storage of Durable Objects: in memory where the system has such a file system, because each write is waited for. */
export const storageFolder = () => temporaryFolder(isFolder("/dev/shm") ? "/dev/shm" : undefined);
