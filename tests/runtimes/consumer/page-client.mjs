// @ts-check
// The script of a page with the client.

import { use } from "./use-client.mjs";
import { tell } from "./send-report.mjs";

tell(use(`${location.origin}/campaign`));
