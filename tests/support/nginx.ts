import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFreePort } from '@it0/node/free-port';
import { findProgram } from '@it0/node/sandbox/find-program';
import { until } from './until.ts';

const program = findProgram('nginx');

export const hasNginx = program !== undefined;
export const nginxHint = 'No nginx found. Install one (Debian: apt-get install nginx-light).';

/** Starts nginx with the generated configuration in front of servers on these ports. */
export async function startNginx(config: string, ports: [number, number]) {
  if (!program) throw new Error(nginxHint);
  const dir = mkdtempSync(join(tmpdir(), 'it0-nginx-'));
  const port = await findFreePort();
  const site = ports
    .reduce((text, own, index) => text.replace(`server-${index + 1}:4000`, `127.0.0.1:${own}`), config)
    .replace('listen 80;', `listen 127.0.0.1:${port};`);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${dir}/${name};`);
  writeFileSync(
    join(dir, 'nginx.conf'),
    `worker_processes 1; daemon off; pid ${dir}/pid; error_log stderr warn;
     events { worker_connections 8192; }
     http { access_log off; ${paths.join(' ')}\n${site}\n}`,
  );
  const nginx = spawn(program, ['-c', join(dir, 'nginx.conf'), '-p', dir], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  nginx.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  process.on('exit', () => nginx.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    if (nginx.exitCode !== null) throw new Error(`nginx exited: ${errors}`);
    return fetch(`${url}/healthz`).then(
      () => true,
      () => false,
    );
  });
  return {
    url,
    errors: () => errors,
    async [Symbol.asyncDispose]() {
      const ended = once(nginx, 'exit');
      nginx.kill('SIGKILL');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
