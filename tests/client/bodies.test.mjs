// @ts-check
// The status alone decides about success, and a body takes bounded memory, whatever it contains.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { acceptedCall, failedCall, warmServer } from "./checked-calls.mjs";
import { bomb, cutBody, endless, executeThen, hangInBody, refuse } from "../support/faults.mjs";
import { sleep, until } from "../support/wait.mjs";

const MIB = 1024 * 1024;
/** The system's buffers on both sides, which hold more than was read. */
const IN_BUFFERS = 15 * MIB;
const MOST_GROWTH = 64 * MIB;

/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

/** How much the process's memory grows while something runs. @template T @param {() => Promise<T>} work @returns {Promise<[T, number]>} */
async function growth(work) {
  const used = () => process.memoryUsage().rss;
  const before = used();
  let most = before;
  const sampling = setInterval(() => (most = Math.max(most, used())), 2);
  try {
    const result = await work();
    return [result, Math.max(most, used()) - before];
  } finally {
    clearInterval(sampling);
  }
}

for (const status of [200, 404, 500]) {
  test(`an endless body of a ${status} is cancelled after 1 MiB`, async () => {
    const [{ receipt, error, requests }, grown] = await growth(() =>
      (status < 300 ? acceptedCall : failedCall)(server, [endless(status)]).then(
        (r) => /** @type {import("./checked-calls.mjs").CheckedCall} */ (r),
      ),
    );
    await until("the connection is closed", () => requests[0]?.isClosed, 500);
    assert.ok(
      Number(requests[0]?.written) >= MIB && Number(requests[0]?.written) < MIB + IN_BUFFERS,
      `written: ${requests[0]?.written}`,
    );
    assert.ok(grown < MOST_GROWTH, `memory grew by ${grown}`);
    if (receipt) assert.equal(receipt.body, "x".repeat(MIB), "the receipt has the part that was read");
    else assert.equal(error?.body, "x".repeat(8192), "an error shows 8 KiB");
  });

  test(`a gzip bomb in a ${status} takes bounded memory`, async () => {
    const packed = bomb(320);
    const step = (status === 404 ? refuse : executeThen)(status, packed, { "Content-Encoding": "gzip" });
    const [{ receipt, error, requests, tookMs }, grown] = await growth(() =>
      (status < 300 ? acceptedCall : failedCall)(server, [step]).then(
        (r) => /** @type {import("./checked-calls.mjs").CheckedCall} */ (r),
      ),
    );
    await until("the connection is closed", () => requests[0]?.isClosed, 500);
    assert.ok(grown < MOST_GROWTH, `memory grew by ${grown} for ${packed.length} bytes`);
    assert.ok(tookMs < 8000, `took ${tookMs} ms`);
    if (receipt) assert.equal(receipt.body, "\0".repeat(MIB));
    else assert.equal(error?.code, "bad-response");
  });
}

test("ten gzip bombs at once take little more than ten times 1 MiB", async () => {
  const packed = bomb(160);
  const [, grown] = await growth(() =>
    Promise.all(
      Array.from({ length: 10 }, () =>
        acceptedCall(server, [executeThen(200, packed, { "Content-Encoding": "gzip" })]),
      ),
    ),
  );
  assert.ok(grown < 2 * MOST_GROWTH, `memory grew by ${grown}`);
});

test("a body of exactly 1 MiB is complete, one of one byte more is cut", async () => {
  const json = { "Content-Type": "application/json" };
  const text = JSON.stringify("x".repeat(MIB - 2));
  assert.equal(
    (await acceptedCall(server, [executeThen(200, text, json)])).receipt.body,
    JSON.parse(text),
    "read as JSON",
  );
  const longer = `${text} `;
  assert.equal(
    (await acceptedCall(server, [executeThen(200, longer, json)])).receipt.body,
    text,
    "cut, so returned as text",
  );
  assert.equal((await failedCall(server, [refuse(400, text)])).error.code, "rejected");
  assert.equal((await failedCall(server, [refuse(400, longer)])).error.code, "bad-response");
});

/** @typedef {import("../support/faulty-server.mjs").Step} Step */
// Without `Connection: close`: with it, Node's fetch takes the end of the connection for the end of a chunked body.
const chunked = { "Transfer-Encoding": "chunked", "Content-Type": "application/json", Connection: "keep-alive" };
/** Bodies with which a 2xx is accepted: the kind, the step, and the body in the receipt. @type {[string, Step, unknown][]} */
const accepts = [
  ["cut by a reset", cutBody(200, "so far"), "so far"],
  [
    "cut in a chunk",
    async (reply) => {
      await reply.execute().head(200, chunked);
      await reply.write("5\r\n[1,2,");
      await reply.write("\r\nff\r\n3]");
      reply.end();
    },
    "[1,2,3]",
  ],
  [
    "without the last chunk",
    async (reply) => {
      await reply.execute().head(200, chunked);
      await reply.write("3\r\n[1]\r\n");
      reply.end();
    },
    "[1]",
  ],
  [
    "with an invalid chunk size",
    async (reply) => {
      await reply.execute().head(200, chunked);
      await reply.write("3\r\n[1]\r\nzz\r\n");
    },
    "[1]",
  ],
  [
    "shorter than its Content-Length",
    async (reply) => {
      await reply.execute().head(200, { "Content-Length": "9" });
      await reply.write("short");
      reply.end();
    },
    "short",
  ],
  ["longer than its Content-Length", executeThen(200, "too long", { "Content-Length": "3" }), "too"],
  ["with an empty body", executeThen(202), null],
  [
    "204",
    (reply) =>
      reply
        .execute()
        .head(204)
        .then(() => reply.end()),
    null,
  ],
  [
    "without any length, until the connection ends",
    async (reply) => {
      await reply.execute().head(200);
      await reply.write("complete");
      reply.end();
    },
    "complete",
  ],
  ["that is JSON by its type and no JSON", executeThen(200, "{oops", { "Content-Type": "application/json" }), "{oops"],
  ["that is JSON without the type", executeThen(200, "{}", { "Content-Type": "text/plain" }), "{}"],
  [
    "that is JSON",
    executeThen(299, '{"a":[1]}', { "Content-Type": "application/vnd.x+json; charset=utf-8" }),
    { a: [1] },
  ],
  [
    "that is not UTF-8",
    executeThen(200, new Uint8Array([0x61, 0xff, 0x62]), { "Content-Type": "application/json" }),
    "a\ufffdb",
  ],
  ["that is no gzip", executeThen(200, "plain", { "Content-Encoding": "gzip" }), null],
  [
    "after early hints",
    async (reply) => {
      await reply.execute().write("HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n");
      await reply.respond(200, { body: "then" });
    },
    "then",
  ],
];
for (const [what, step, body] of accepts) {
  test(`a 2xx is accepted with a body ${what}`, async () => {
    const { receipt } = await acceptedCall(server, [step], { attemptTimeoutMs: 2000 });
    assert.deepEqual(receipt.body, body);
  });
}

for (const limit of /** @type {const} */ (["attemptTimeoutMs", "timeoutMs"])) {
  test(`a 2xx whose body hangs until ${limit} gives a receipt with the text so far`, async () => {
    const { receipt, requests, tookMs } = await acceptedCall(
      server,
      [hangInBody(200, '{"a"', { "Content-Type": "application/json" })],
      { [limit]: 150 },
    );
    assert.equal(receipt.body, '{"a"');
    assert.ok(tookMs >= 145 && tookMs < 1000, `took ${tookMs} ms`);
    await until("the connection is closed", () => requests[0]?.isClosed);
  });
}

test("a 2xx whose body arrives slowly is read until the deadline", async () => {
  const { receipt, requests } = await acceptedCall(
    server,
    [
      async (reply) => {
        await reply.execute().head(200);
        await reply.repeat("drip ", 20);
      },
    ],
    { attemptTimeoutMs: 200 },
  );
  assert.match(String(receipt.body), /^(drip ){3,11}$/);
  await until("the connection is closed", () => requests[0]?.isClosed);
});

test("a slow body that ends in time is complete", async () => {
  const { receipt } = await acceptedCall(server, [
    async (reply) => {
      await reply.execute().head(200, { "Content-Length": "5", "Content-Type": "application/json" });
      for (const byte of ["[", "1", ",", "2", "]"]) await sleep(10).then(() => reply.write(byte));
    },
  ]);
  assert.deepEqual(receipt.body, [1, 2]);
});

test("an abort during the body of a 2xx gives a receipt: the command was accepted", async () => {
  const controller = new AbortController();
  const { receipt, requests } = await acceptedCall(
    server,
    [
      async (reply) => {
        await hangInBody(200, "so far")(reply);
        setTimeout(() => controller.abort(), 50);
      },
    ],
    { signal: controller.signal },
  );
  assert.equal(receipt.body, "so far");
  await until("the connection is closed", () => requests[0]?.isClosed);
});

test("characters that are split between chunks are decoded", async () => {
  const text = "é€😀".repeat(5);
  const bytes = Buffer.from(text);
  const { receipt } = await acceptedCall(server, [
    async (reply) => {
      await reply.execute().head(200, { "Transfer-Encoding": "chunked" });
      for (const byte of bytes)
        await reply.write(Buffer.concat([Buffer.from("1\r\n"), Buffer.from([byte]), Buffer.from("\r\n")]));
      await reply.write("0\r\n\r\n");
      reply.end();
    },
  ]);
  assert.equal(receipt.body, text);
});
