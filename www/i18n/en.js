// @ts-check
// All English texts. Every language has the same keys with the same {placeholders}; a test checks that.

import bulk from "./en/bulk.js";
import failures from "./en/failures.js";
import page from "./en/page.js";
import queue from "./en/queue.js";
import timeline from "./en/timeline.js";
import workflows from "./en/workflows.js";

export default { ...page, ...workflows, ...timeline, ...queue, ...failures, ...bulk };
