type Call = [method: string, path: string, body?: unknown, headers?: Record<string, string>];

/** What a program does that speaks no tRPC: calls below `/api/v1`, with what it shows of itself in each. A text goes as it is. */
export const restClient =
  (url: string, shows: Record<string, string> = {}) =>
  async (...[method, path, body, headers]: Call) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...shows, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  };
