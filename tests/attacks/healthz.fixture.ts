// Requests a server's /healthz in a loop, from a separate process, and sends each response time in milliseconds to its
// parent. Usage: node healthz.fixture.ts URL, with an IPC channel.
const [url = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit(0));
for (;;) {
  const startedAt = performance.now();
  const ok = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(60_000) }).then(
    (response) => response.ok,
    () => false,
  );
  // Waits for the message to be sent, so that at most one is queued.
  await new Promise((resolve) => process.send?.({ ok, ms: performance.now() - startedAt }, resolve));
}
