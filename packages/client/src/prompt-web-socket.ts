/** How long a closing handshake may take, in milliseconds. */
const closingTime = 500;

/**
 * A WebSocket whose `close()` is soon followed by its `close` event. On a half-open link the closing handshake never
 * ends, and the keep-alive that found the link dead would wait a minute for it before it connects again.
 */
export const promptWebSocket = (Base: typeof WebSocket) =>
  class PromptWebSocket extends Base {
    override close(code?: number, reason?: string) {
      super.close(code, reason);
      setTimeout(() => {
        if (this.readyState !== Base.CLOSED) this.dispatchEvent(new CloseEvent('close', { code: 1006 }));
      }, closingTime);
    }
  };
