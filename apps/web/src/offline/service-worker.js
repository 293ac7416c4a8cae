// Opens the app while the server is away. It stores only files of the app, which are the same for everyone: no response
// of the API, and nothing of a conversation. The build adds `BUILD`: the files to store ahead, and a hash of them.
const CACHE = `it0-${BUILD.version}`;
const PAGE = '/index.html';
/** Time after which the stored page is opened. Its requests have their own limits. */
const PAGE_TIMEOUT_MS = 5_000;
/** Statuses with which a proxy responds for a server that is away. */
const AWAY = [502, 503, 504];

addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(BUILD.files)));
});

addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([clients.claim(), removeOldCaches()]));
});

// Sent when the user reloads for a new version. Until then, open pages use the files of theirs.
addEventListener('message', ({ data }) => {
  if (data === 'activate') void skipWaiting();
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (pathname.startsWith('/assets/')) event.respondWith(loadAsset(event));
  else if (request.mode === 'navigate' && !pathname.startsWith('/api/')) event.respondWith(loadPage(request));
});

/** Returns the page of the server, so that a new version is used at once, or the stored one if it is away. */
async function loadPage(request) {
  const response = await Promise.race([fetch(request).catch(() => null), wait(PAGE_TIMEOUT_MS)]);
  if (response && !AWAY.includes(response.status)) return response;
  return (await caches.match(PAGE)) ?? response ?? Response.error();
}

/** Returns an asset, whose content never changes. */
async function loadAsset(event) {
  const stored = await caches.match(event.request, { ignoreVary: true });
  if (stored) return stored;
  const response = await fetch(event.request);
  const copy = response.clone();
  if (response.ok) event.waitUntil(caches.open(CACHE).then((cache) => cache.put(event.request, copy)));
  return response;
}

async function removeOldCaches() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms, null));
