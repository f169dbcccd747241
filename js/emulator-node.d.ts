import type { CampaignEmulator, CampaignEmulatorOptions } from "./emulator.js";

/** How `serveEmulator` serves. The options of {@link CampaignEmulatorOptions} are taken too, unless `emulator` is given. */
export interface ServeEmulatorOptions extends CampaignEmulatorOptions {
  /** The port; 0 lets the system choose a free one. Default 0. */
  port?: number;
  /** The address to listen on. Default `"127.0.0.1"`: nobody outside this machine. */
  hostname?: string;
  /** An instance of your own. Default: a new one. */
  emulator?: CampaignEmulator;
  /** Asked first for every request, to serve files and pages beside Campaign; `undefined` leaves the request to the emulator. Default: none. */
  other?: (request: Request) => Response | undefined | Promise<Response | undefined>;
}

/** A local Campaign that listens. */
export interface ServedEmulator {
  /** Its address without a slash at the end, such as `"http://127.0.0.1:4173"`: the client's `baseUrl`. */
  readonly url: string;
  /** The port. */
  readonly port: number;
  /** The instance behind it. */
  readonly emulator: CampaignEmulator;
  /** Ends every connection, hanging ones too, and listens no more. May be called twice. */
  close(): Promise<void>;
}

/**
 * Serves a local Campaign over HTTP, for Node 20.19 or newer. It needs the package `@hono/node-server` beside this one.
 *
 * A connection that a fault loses is really lost: the socket is reset, or cut in the middle of the body.
 *
 * @param options Where to listen, and how the emulator is set up.
 * @returns The served emulator, once it listens.
 * @throws (as a rejection) the system's error when it cannot listen, such as `EADDRINUSE` as `code`.
 */
export function serveEmulator(options?: ServeEmulatorOptions): Promise<ServedEmulator>;
