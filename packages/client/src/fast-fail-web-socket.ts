const OPEN_TIMEOUT_MS = 5_000;

/**
 * Returns a WebSocket class that fails after 5 s without a connection, and for which `close` is the end: its event
 * `close` is dispatched at once, and no other one after it. On a dead link, both would take minutes, and the client would
 * not reconnect in that time. The late event of a socket would make tRPC's client close the next one.
 */
export const createFastFailWebSocket = (Base: typeof WebSocket) =>
  class FastFailWebSocket extends Base {
    private hasEnded = false;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const timer = setTimeout(() => this.close(), OPEN_TIMEOUT_MS);
      // The first listeners, so that they stop all others.
      for (const name of ['open', 'message', 'error', 'close'] as const)
        this.addEventListener(name, (event) => {
          if (this.hasEnded) event.stopImmediatePropagation();
          if (name === 'close') this.hasEnded = true;
          if (name !== 'message') clearTimeout(timer);
        });
    }

    override close(code?: number, reason?: string) {
      const isConnecting = this.readyState === Base.CONNECTING;
      super.close(code, reason);
      if (this.hasEnded) return;
      if (isConnecting) this.dispatchEvent(new Event('error'));
      this.dispatchEvent(new CloseEvent('close', { code: 1006 }));
    }
  };
