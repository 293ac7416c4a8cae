const OPEN_TIMEOUT_MS = 5_000;
const CLOSE_TIMEOUT_MS = 500;

/**
 * Returns a WebSocket class with timeouts for opening (5 s) and for the closing handshake (0.5 s). On a dead link both
 * would take minutes, and the client would not reconnect in that time.
 */
export const createFastFailWebSocket = (Base: typeof WebSocket) =>
  class FastFailWebSocket extends Base {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const timer = setTimeout(() => this.close(), OPEN_TIMEOUT_MS);
      for (const event of ['open', 'close']) this.addEventListener(event, () => clearTimeout(timer));
    }

    override close(code?: number, reason?: string) {
      super.close(code, reason);
      setTimeout(() => {
        if (this.readyState !== Base.CLOSED) this.dispatchEvent(new CloseEvent('close', { code: 1006 }));
      }, CLOSE_TIMEOUT_MS);
    }
  };
