// Asks for /healthz again and again from a process of its own, until its standard input ends; then says how that went.
import { Agent, get } from 'node:http';

const [url] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const result = { asked: 0, failed: 0, slowestMs: 0 };
let isOver = false;
process.stdin.resume().on('end', () => {
  isOver = true;
});

const ask = () =>
  new Promise((resolve) => {
    const startedAt = performance.now();
    const done = (isFine) => {
      result.asked++;
      if (!isFine) result.failed++;
      result.slowestMs = Math.max(result.slowestMs, performance.now() - startedAt);
      resolve();
    };
    get(`${url}/healthz`, { agent }, (response) => {
      response.resume().on('end', () => done(response.statusCode === 200));
    }).on('error', () => done(false));
  });

process.stdout.write('ready\n');
while (!isOver) {
  await ask();
  await new Promise((resolve) => setTimeout(resolve, 10));
}
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit();
