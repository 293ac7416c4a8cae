/** A query that was sent before the app was loaded. */
type FirstRequest = { path: string; input: unknown; response: Promise<unknown> };

const requests: FirstRequest[] = [];
/** Later, a response could be outdated. */
const MAX_AGE_MS = 15_000;

/** The `date` header of the response to the first requests, and the local time of its arrival. */
export let firstDate: Promise<[date: string | null, arrivedAt: number]> | undefined;

/** Pages of links, which are opened without a login. */
const GUEST_PATH = /^\/(sign-in|invitation|reset-password)/;
const CHAT_PATH = /^\/(agents\/.|assistant)/;
const ID = /^[\da-f-]{36}$/i;

/**
 * Sends the queries that the app begins with at this address, in one batch. Their responses arrive while the app is
 * being loaded.
 */
export function sendFirstRequests({ pathname, search }: Location) {
  if (GUEST_PATH.test(pathname)) return;
  const calls = listCalls(pathname, new URLSearchParams(search));
  const names = calls.map(({ path }) => path).join(',');
  const input = JSON.stringify(Object.fromEntries(calls.map((call, index) => [index, call.input])));
  const batch = fetch(`/trpc/${names}?batch=1&input=${encodeURIComponent(input)}`);
  const responses = batch.then((response) => response.json() as Promise<unknown[]>);
  firstDate = batch.then(({ headers }) => [headers.get('date'), Date.now()]);
  for (const [index, call] of calls.entries()) {
    const response = responses.then((list) => list[index]);
    // The app sends the query again.
    response.catch(() => {});
    requests.push({ ...call, response });
  }
}

function listCalls(pathname: string, parameters: URLSearchParams) {
  const calls: Omit<FirstRequest, 'response'>[] = ['auth.me', 'instance.list', 'assistant.status'].map((path) => ({
    path,
    input: undefined,
  }));
  const [sessionId, around] = ['session', 'message'].map((name) => parameters.get(name));
  if (!CHAT_PATH.test(pathname) || !sessionId || !ID.test(sessionId)) return calls;
  calls.push({ path: 'session.messages', input: { sessionId } });
  if (around && ID.test(around)) calls.push({ path: 'session.messages', input: { sessionId, around } });
  return calls;
}

/** Returns the response to a query that was sent before, once, if it is recent. */
export function takeFirstResponse({ path, input }: { path: string; input: unknown }): Promise<unknown> | undefined {
  const key = JSON.stringify(input);
  const index = requests.findIndex((request) => request.path === path && JSON.stringify(request.input) === key);
  if (index < 0 || performance.now() > MAX_AGE_MS) return undefined;
  return requests.splice(index, 1)[0]!.response;
}
