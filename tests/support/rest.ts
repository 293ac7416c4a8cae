type Call = [method: string, path: string, body?: unknown, headers?: Record<string, string>];

/** Creates a client of the REST API, with the headers of its credentials. A body that is a string is sent unchanged. */
export const restClient =
  (url: string, authHeaders: Record<string, string> = {}) =>
  async (...[method, path, body, headers]: Call) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...authHeaders, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : undefined };
  };
