import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Runs the program of `npm run <command>`, without the installation before it. */
export function runCommand(
  name: 'backup' | 'doctor' | 'restore' | 'tenants' | 'user-add',
  args: string[],
  env: Record<string, string>,
) {
  const main = fileURLToPath(new URL(`../../apps/server/src/cli/${name}.ts`, import.meta.url));
  return new Promise<{ code: unknown; output: string }>((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env } };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, output: stdout + stderr });
    });
  });
}
