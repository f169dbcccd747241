// @ts-check
// The script of a page with the client's slim entry.

import { use } from "./use-client-slim.mjs";
import { sendReport } from "./send-report.mjs";

sendReport(use(`${location.origin}/campaign`));
