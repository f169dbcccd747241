import type { CampaignEmulator, CampaignEmulatorOptions } from "./emulator.js";

/** The options of `serveEmulator`. The {@link CampaignEmulatorOptions} are ignored if `emulator` is set. */
export interface ServeEmulatorOptions extends CampaignEmulatorOptions {
  /** The port. Default 0: the system chooses a free one. */
  port?: number;
  /** The address to listen on. Default `"127.0.0.1"`: not reachable from other machines. */
  hostname?: string;
  /** The emulator to serve. Default: a new one. */
  emulator?: CampaignEmulator;
  /**
   * Handles requests before the emulator does, for example to serve a page from the same origin. Return `undefined` to
   * pass the request on to the emulator. Default: none.
   */
  other?: (request: Request) => Response | undefined | Promise<Response | undefined>;
}

/** A running emulator. */
export interface ServedEmulator {
  /** Its address without a trailing slash, such as `"http://127.0.0.1:4173"`: the client's `baseUrl`. */
  readonly url: string;
  /** The port. */
  readonly port: number;
  /** The emulator. */
  readonly emulator: CampaignEmulator;
  /** Closes every connection, including hanging ones, and stops listening. May be called twice. */
  close(): Promise<void>;
}

/**
 * Serves a local Campaign over HTTP, for Node 20.19 or newer. It needs the package `@hono/node-server`.
 *
 * A fault that breaks the connection really does so: the socket is reset, or closed in the middle of the body.
 *
 * @param options Where to listen, and the options of the emulator.
 * @returns The running emulator, once it listens.
 * @throws (as a rejection) The system's error if it cannot listen, with a `code` such as `EADDRINUSE`.
 */
export function serveEmulator(options?: ServeEmulatorOptions): Promise<ServedEmulator>;
