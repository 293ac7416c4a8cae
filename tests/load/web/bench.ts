import { launchBrowser } from '@it0/tests/support/browser';
import { createWorld } from '../world.ts';
import { startBaseline } from './baseline.ts';

export type Bench = Awaited<ReturnType<typeof createBench>>;

/** Starts the server with its page, the baseline and the browser. */
export async function createBench({ quick }: { quick: boolean }) {
  const undo = new AsyncDisposableStack();
  const world = undo.use(await createWorld());
  const baseline = undo.use(await startBaseline());
  const browser = undo.adopt(await launchBrowser({ isAnimated: true }), (one) => one.close());
  const url = `http://127.0.0.1:${world.server.port}`;
  return {
    ...{ world, baseline, browser, url, quick },
    rounds: quick ? 1 : 5,
    toSessionUrl: (sessionId: string) => `${url}/agents/${world.instanceId}?session=${sessionId}`,
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}
