// @ts-check
// The script of a page with the client's slim entry.

import { use } from "./use-client-slim.mjs";
import { tell } from "./send-report.mjs";

tell(use(`${location.origin}/campaign`));
