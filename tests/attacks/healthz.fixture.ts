// Asks a server whether it answers, from a process of its own, and tells every answer's time in milliseconds.
// `node healthz.fixture.ts URL`, with a channel.
const [url = ''] = process.argv.slice(2);
process.once('disconnect', () => process.exit(0));
for (;;) {
  const startedAt = performance.now();
  const ok = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(60_000) }).then(
    (response) => response.ok,
    () => false,
  );
  // Sent before it asks again: so much waits at most.
  await new Promise((resolve) => process.send?.({ ok, ms: performance.now() - startedAt }, resolve));
}
