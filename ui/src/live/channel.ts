import { config } from "../config.ts";
import { reconnectWait } from "./policy.ts";

/** A frame that the server sends. */
export interface Frame {
  type: string;
  [name: string]: unknown;
}

export interface Listener {
  /** A frame after the greeting. */
  frame: (frame: Frame) => void;
  /** The channel is open from now on; what happened before has to be fetched. */
  opened: () => void;
  /** `open` or `failures` may have changed. */
  changed: () => void;
}

function address(path: string): string {
  const url = new URL(config.api_url + path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** One of the API's websockets, opened again whenever it closes until `stop` is called. */
export class Channel {
  open = false;
  /** Tries in a row that did not lead to an open channel. */
  failures = 0;
  private path: string;
  private filter: unknown;
  private listener: Listener;
  private socket: WebSocket | null = null;
  private waiting: ReturnType<typeof setTimeout> | null = null;

  constructor(path: string, filter: unknown, listener: Listener) {
    this.path = path;
    this.filter = filter;
    this.listener = listener;
  }

  start(): void {
    if (this.socket || this.waiting !== null) return;
    this.connect();
  }

  stop(): void {
    if (this.waiting !== null) clearTimeout(this.waiting);
    this.waiting = null;
    const socket = this.socket;
    this.socket = null;
    this.open = false;
    socket?.close();
    this.listener.changed();
  }

  /** Give the socket up and try again at once: it may be open on this side only. */
  restart(): void {
    this.stop();
    this.start();
  }

  private connect(): void {
    this.waiting = null;
    const socket = new WebSocket(address(this.path), "prefect");
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", token: null }));
    socket.onmessage = (message) => {
      if (this.socket === socket) this.take(JSON.parse(String(message.data)) as Frame);
    };
    socket.onclose = () => {
      if (this.socket === socket) this.lost();
    };
  }

  private take(frame: Frame): void {
    if (this.open) return this.listener.frame(frame);
    if (frame.type !== "auth_success") return;
    this.socket?.send(JSON.stringify({ type: "filter", filter: this.filter, backfill: false }));
    this.open = true;
    this.failures = 0;
    this.listener.opened();
    this.listener.changed();
  }

  private lost(): void {
    this.socket = null;
    this.open = false;
    this.failures += 1;
    this.waiting = setTimeout(() => this.connect(), reconnectWait(this.failures));
    this.listener.changed();
  }
}
