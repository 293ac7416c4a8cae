import { percentile } from './report.ts';
import type { Tab } from './tab.ts';

type Record = { frames: number; longTasks: number; keys: number[] };

/** Measures the frame rate, the main thread, the long tasks and the time from a key to its paint while `run` runs. */
export async function measureFrames({ page, cdp }: Tab, run: () => Promise<unknown>) {
  await page.evaluate(startRecorder);
  const readTaskSeconds = async () => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value;
  };
  const [start, tasksBefore] = [performance.now(), await readTaskSeconds()];
  await run();
  const seconds = (performance.now() - start) / 1_000;
  const busySeconds = (await readTaskSeconds()) - tasksBefore;
  const { frames, longTasks, keys } = await page.evaluate(() => (window as unknown as { record: Record }).record);
  return {
    framesPerSecond: frames / seconds,
    mainThread: (busySeconds / seconds) * 100,
    longTasks,
    keyMs: percentile(keys, 0.95),
  };
}

/** Runs in the page. */
function startRecorder() {
  const record: Record = { frames: 0, longTasks: 0, keys: [] };
  Object.assign(window, { record });
  const count = () => {
    record.frames++;
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
  new PerformanceObserver((list) => {
    record.longTasks += list.getEntries().length;
  }).observe({ type: 'longtask' });
  addEventListener(
    'keydown',
    ({ timeStamp }) =>
      requestAnimationFrame(() => {
        // The message arrives after the frame was painted.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => record.keys.push(performance.now() - timeStamp);
        port2.postMessage(null);
      }),
    true,
  );
}
