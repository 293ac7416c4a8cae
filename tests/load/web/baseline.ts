// The baseline: the least page that does the work, from one file without a framework. It has no Markdown, no state and no
// list of rows that are rendered only where they are visible.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { REPLIES } from './history.ts';

const PAGE = `<!doctype html><meta charset="utf-8"><title>Baseline</title>
<style>
  body { margin: 0; height: 100vh; display: flex; flex-direction: column; font: 15px/1.5 system-ui }
  main { flex: 1; overflow-y: auto } main > * { white-space: pre-wrap; max-width: 48rem; margin: 1rem auto }
</style>`;

const FORM = `${PAGE}<form method="post"><input name="email" type="email"><input name="password" type="password">
<button>Sign in</button></form>`;

const AGENTS = `${PAGE}<main></main><script>
  fetch('/agents.json').then((response) => response.json()).then((agents) => {
    for (const { name } of agents) document.querySelector('main').append(Object.assign(document.createElement('a'), { href: '/session', textContent: name }))
  })
</script>`;

const SESSION = `${PAGE}<main></main><button>First</button><textarea rows="1"></textarea><script>
  const list = document.querySelector('main')
  const add = (text) => list.appendChild(Object.assign(document.createElement('p'), { textContent: text }))
  const load = (query) => fetch('/messages.json' + query).then((response) => response.json()).then((texts) => {
    list.replaceChildren()
    texts.forEach(add)
  })
  load(location.search).then(() => { list.scrollTop = list.scrollHeight })
  document.querySelector('button').onclick = () => load('?count=50&first=true')
  let open = null
  let received = ''
  new WebSocket('ws://' + location.host).onmessage = ({ data }) => {
    if (!received) requestAnimationFrame(append)
    received += data
  }
  function append() {
    const [more, ...blocks] = received.split('\\n\\n')
    received = ''
    open ??= add('')
    open.append(more)
    for (const block of blocks) open = add(block)
    list.scrollTop = list.scrollHeight
  }
</script>`;

const pages: Record<string, string> = { '/sign-in': FORM, '/agents': AGENTS, '/session': SESSION };

export type Baseline = Awaited<ReturnType<typeof startBaseline>>;

export async function startBaseline() {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    response.setHeader(
      'content-type',
      `${pathname.endsWith('.json') ? 'application/json' : 'text/html'}; charset=utf-8`,
    );
    if (pathname === '/agents.json') return response.end(JSON.stringify([{ name: 'Bench' }]));
    if (pathname === '/messages.json') return response.end(JSON.stringify(listMessages(searchParams)));
    return response.end(pages[pathname] ?? '');
  });
  const sockets = new WebSocketServer({ server });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Sends a piece of a reply to all open pages. */
    send(delta: string) {
      for (const socket of sockets.clients) socket.send(delta);
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listMessages(query: URLSearchParams) {
  const count = Number(query.get('count') ?? 50);
  const from = query.has('first') ? 0 : 5_000;
  return Array.from({ length: count }, (_, n) =>
    n % 2 ? REPLIES[n % REPLIES.length] : `Question ${from + n / 2 + 1}: how is web-${(n / 2 + 1) % 9}?`,
  );
}
