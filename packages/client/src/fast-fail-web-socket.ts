/** How long opening and the closing handshake may take, in milliseconds. */
const openingTime = 5_000;
const closingTime = 500;

/**
 * A WebSocket that opens soon or not at all, and whose `close()` is soon followed by its `close` event. On a link that
 * dies without a word both would take minutes, and nobody would connect again meanwhile.
 */
export const fastFailWebSocket = (Base: typeof WebSocket) =>
  class PromptWebSocket extends Base {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      const timer = setTimeout(() => this.close(), openingTime);
      for (const event of ['open', 'close']) this.addEventListener(event, () => clearTimeout(timer));
    }

    override close(code?: number, reason?: string) {
      super.close(code, reason);
      setTimeout(() => {
        if (this.readyState !== Base.CLOSED) this.dispatchEvent(new CloseEvent('close', { code: 1006 }));
      }, closingTime);
    }
  };
