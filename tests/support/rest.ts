import type { RestOperation } from '@it0/api/rest/document';

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

/** Calls an operation with an input of tRPC, distributed over path, query and body as documented. */
export function callOperation(
  call: ReturnType<typeof restClient>,
  { path, method, hasBody }: RestOperation,
  input: object,
) {
  const rest = new Map(Object.entries(input));
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    const value = String(rest.get(name));
    rest.delete(name);
    return value;
  });
  const remaining = Object.fromEntries(rest);
  const query = hasBody || rest.size === 0 ? '' : `?${new URLSearchParams(remaining as Record<string, string>)}`;
  return call(method.toUpperCase(), filled + query, hasBody ? remaining : undefined);
}
