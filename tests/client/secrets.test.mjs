// @ts-check
// No secret leaves the package, however a server or the caller's own fetch echoes it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { isWorkflowCommandError, sendWorkflowCommand } from "campaign-workflow";
import { accessToken, apiKey, failedCall, requestTo, warmServer, checkedCall } from "./checked-calls.mjs";

/** @typedef {import("../support/faulty-server.mjs").Reply} Reply */
/** @type {import("../support/faulty-server.mjs").FaultyServer} */
let server;
before(async () => {
  server = await warmServer();
});
after(() => server.close());

const cookie = "session=5e55104/abc+def==";
const proxyToken = "Zm9vOmJhci9iYXo+cXV4=";
const headers = { Cookie: cookie, "X-Proxy-Token": `Basic ${proxyToken}` };
const secrets = [accessToken, apiKey, cookie, proxyToken];

/** The secrets in a text, in the text unescaped, and in that unescaped again. @param {string} text */
function leaks(text) {
  const readings = new Set([text]);
  for (let round = 0; round < 3; round++)
    for (const one of [...readings]) for (const read of readers) readings.add(read(one));
  return secrets.filter((secret) => [...readings].some((one) => one.includes(secret)));
}

/** @type {((text: string) => string)[]} */
const readers = [
  (text) => text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  (text) => text.replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  (text) => text.replace(/\\([^u])/g, "$1"),
  (text) => text.replace(/&#x([0-9a-f]+);/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  (text) => text.replace(/&#(\d+);/g, (_, number) => String.fromCharCode(Number(number))),
];

/** Everything that is readable in a receipt or an error. @param {unknown} value */
function shown(value) {
  const parts = [
    inspect(value, { depth: 10, showHidden: true, maxStringLength: null }),
    String(value),
    JSON.stringify(value),
  ];
  for (let one = /** @type {any} */ (value); typeof one === "object" && one !== null; one = one.cause) {
    for (const key of Reflect.ownKeys(one)) parts.push(String(key), String(one[key]));
    parts.push(String(one.message), String(one.stack));
  }
  return parts.join("\n");
}

/** @param {unknown} value @param {string} [what] */
function assertNoSecret(value, what) {
  assert.deepEqual(leaks(shown(value)), [], what);
}

const per = (/** @type {(char: string, code: number) => string} */ write) => (/** @type {string} */ text) =>
  [...text].map((char) => write(char, char.charCodeAt(0))).join("");
const hex = (/** @type {number} */ code, /** @type {number} */ width) => code.toString(16).padStart(width, "0");
/** The encodings in which servers echo a request. @type {Record<string, (text: string) => string>} */
const spellings = {
  "as it is": (text) => text,
  "as JSON": (text) => JSON.stringify({ echo: text }),
  "as JSON with \\/": (text) => JSON.stringify({ echo: text }).replaceAll("/", "\\/"),
  "as JSON with every character escaped": (text) => `{"echo":"${per((_, code) => `\\u${hex(code, 4)}`)(text)}"}`,
  "percent-encoded": encodeURIComponent,
  "percent-encoded throughout": per((_, code) => `%${hex(code, 2)}`),
  "percent-encoded in JSON": (text) => JSON.stringify(encodeURIComponent(text)),
  "as HTML with named and decimal references": (text) =>
    text.replace(/[&<>"'/+=]/g, (char) => `&#${char.charCodeAt(0)};`),
  "as HTML with hexadecimal references": (text) =>
    text.replace(/[&<>"'/+=`]/g, (char) => `&#x${hex(char.charCodeAt(0), 2).toUpperCase()};`),
  "as JSON in JSON, with \\/ in both": (text) =>
    JSON.stringify(JSON.stringify({ echo: text }).replaceAll("/", "\\/")).replaceAll("/", "\\/"),
  "percent-encoded twice": (text) => encodeURIComponent(encodeURIComponent(text)),
};

/** @param {Reply} reply */
const echoed = ({ request }) =>
  Object.entries(request.headers)
    .map(([name, value]) => `${name}: ${value}`)
    .join(" | ");

for (const [how, spell] of Object.entries(spellings)) {
  test(`echoed in body, x-request-id, reason and other headers, ${how}`, async () => {
    for (const status of [200, 400, 401, 403, 404, 429, 500, 502, 503]) {
      for (const type of ["application/json", "text/html"]) {
        const step = (/** @type {Reply} */ reply) => {
          if (status === 200 || status >= 500) reply.execute();
          const text = spell(echoed(reply));
          return reply.respond(status, {
            body: text,
            reason: text,
            headers: {
              "Content-Type": type,
              "X-Request-Id": text,
              "X-Other": text,
              Location: text,
              "Retry-After": text,
            },
          });
        };
        const { receipt, error } = await checkedCall(server, [step], { headers, maxRetries: 0 });
        assertNoSecret(receipt ?? error, `${status} ${type}`);
        assert.match(String((receipt ?? error)?.requestId), /\*\*\*/, "the text around a secret stays");
      }
    }
  });
}

test("echoed as Adobe's error_code and message", async () => {
  for (const status of [400, 401, 500]) {
    const { error } = await failedCall(
      server,
      [
        (reply) => {
          if (status >= 500) reply.execute();
          return reply.respond(status, {
            body: JSON.stringify({ error_code: `${accessToken}`, message: `key ${apiKey}` }),
            headers: { "Content-Type": "application/json" },
          });
        },
      ],
      { headers },
    );
    assertNoSecret(error);
    assert.equal(error.errorCode, "***");
  }
});

test("echoed in a redirect", async () => {
  const { error } = await failedCall(
    server,
    [
      (reply) =>
        reply.respond(307, {
          body: echoed(reply),
          headers: { Location: `http://127.0.0.1:9/?t=${accessToken}`, "X-Request-Id": apiKey },
        }),
    ],
    { headers },
  );
  assertNoSecret(error);
  assert.equal(error.requestId, "***");
});

test("a receipt's JSON is masked at every depth", async () => {
  const body = JSON.stringify({ deep: [{ token: accessToken, [apiKey]: { cookie } }] });
  const { receipt } = await checkedCall(
    server,
    [(reply) => reply.execute().respond(200, { body, headers: { "Content-Type": "application/json" } })],
    { headers },
  );
  assertNoSecret(receipt);
  assert.deepEqual(receipt?.body, { deep: [{ token: "***", "***": { cookie: "***" } }] });
});

test("a response that breaks off inside a secret shows no part of it", async () => {
  for (const status of [200, 404, 500]) {
    for (const length of [8, 12, accessToken.length - 1]) {
      const start = accessToken.slice(0, length);
      const { receipt, error } = await checkedCall(
        server,
        [
          async (reply) => {
            if (status !== 404) reply.execute();
            await reply.head(status, { "Content-Length": "9999" });
            await reply.write(`the token ${start}`);
            await reply.reset();
          },
        ],
        { headers },
      );
      assert.equal((receipt ?? error)?.body, "the token ***");
    }
  }
});

test("a secret at each limit of a long body", async () => {
  for (const limit of [8 * 1024, 64 * 1024, 1024 * 1024]) {
    for (const before of [1, 5, 9, 20]) {
      for (const status of [200, 400]) {
        const body = `${"x".repeat(limit - before)}${accessToken} and ${"y".repeat(100)}`;
        const { receipt, error } = await checkedCall(
          server,
          [(reply) => (status === 200 ? reply.execute() : reply).respond(status, { body })],
          { headers },
        );
        const text = String((receipt ?? error)?.body);
        const cut = limit === 1024 * 1024 && status === 200 && before < 8 ? before : 7;
        assert.ok(!text.includes(accessToken.slice(0, cut + 1)), `${status}: ${before} characters before ${limit}`);
      }
    }
  }
});

test("the caller's own fetch that throws the request", async () => {
  /** @type {((url: string, init: any) => any)[]} */
  const throwers = [
    (url, init) => {
      throw Object.assign(new TypeError(`failed: ${JSON.stringify(init)}`), { init, request: { url, init } });
    },
    (_, init) => {
      throw init;
    },
    (_, init) => {
      throw `Authorization: ${init.headers.Authorization}`;
    },
    (_, init) =>
      Promise.reject(
        Object.assign(
          new Error("x", { cause: Object.assign(new Error(inspect(init)), { code: init.headers["X-Api-Key"] }) }),
          { name: `E ${init.headers.Cookie}` },
        ),
      ),
    (_, init) =>
      Promise.reject(
        new AggregateError([new Error(init.headers.Authorization)], encodeURIComponent(init.headers.Authorization)),
      ),
    (_, init) => {
      const error = new Error("x");
      error.stack = `Error ${init.headers.Authorization}`;
      throw error;
    },
  ];
  for (const fetch of throwers) {
    const { error } = await failedCall(server, [], { headers, fetch }, { mayMissServer: true });
    assert.deepEqual([error.code, error.outcome], ["network", "unknown"]);
    assertNoSecret(error);
  }
});

test("the platform's own error does not contain a secret either", async () => {
  for (const step of /** @type {((reply: Reply) => unknown)[]} */ ([
    (reply) => reply.execute().write(`HTTP/1.1 200 ${accessToken}\r\n${apiKey}\r\n\r\n`),
    (reply) => reply.execute().write(`${accessToken} ${cookie}\r\n\r\n`),
    async (reply) => {
      await reply.execute().write(`HTTP/1.1 200 OK\r\nX: ${accessToken}`);
      await reply.reset();
    },
  ])) {
    const { error } = await failedCall(server, [step], { headers });
    assert.equal(error.code, "network");
    assertNoSecret(error);
  }
});

test("the error of a token function is not passed on", async () => {
  const { error } = await failedCall(server, [], {
    accessToken: () => {
      throw new Error(`IMS said: ${accessToken}`);
    },
  });
  assertNoSecret(error);
  assert.ok(!("cause" in error));
});

test("tokens of a function are masked, both the refused and the fresh one", async () => {
  const echo = (/** @type {number} */ status) => (/** @type {Reply} */ reply) =>
    reply.respond(status, { body: `old ${accessToken}, ${reply.request.headers.authorization}` });
  const fresh = `${accessToken.slice(0, 12)}.the-fresh-one`;
  const { error } = await failedCall(server, [echo(401), echo(403)], {
    headers,
    accessToken: ({ refresh }) => (refresh ? fresh : accessToken),
  });
  assertNoSecret(error);
  assert.equal(error.body, "old ***, Bearer ***");
});

test("an invalid value is not shown", async () => {
  for (const more of [
    { accessToken: `${accessToken}\n` },
    { accessToken: `Bearer ${accessToken}` },
    { apiKey: `${apiKey} ` },
    { headers: { "X-Token": `${accessToken}\r\nX-Evil: 1` } },
    { headers: { [accessToken]: "x" } },
    { headers: { "X-Token": `\ud800${accessToken}` } },
    { baseUrl: `https://user:${accessToken}@127.0.0.1/` },
    { baseUrl: `https://127.0.0.1/?t=${accessToken}` },
    { baseUrl: `ftp://${apiKey}/` },
    { workflowId: `${accessToken}\0` },
    { command: accessToken },
    { timeoutMs: accessToken },
  ]) {
    const error = await sendWorkflowCommand(requestTo(server, /** @type {any} */ (more))).then(
      () => null,
      (reason) => reason,
    );
    assert.ok(isWorkflowCommandError(error));
    assert.equal(error.code, "invalid-argument", inspect(more));
    assertNoSecret(error, inspect(more));
  }
});

test("no secret is in an address", () => {
  assert.ok(server.requests.length > 100);
  for (const { path } of server.requests) assert.deepEqual(leaks(path), []);
});
