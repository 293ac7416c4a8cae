import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { findEnvProblems, readDeployFile, readVariables, readYaml, toStopSeconds } from './installation-files.ts';

type Service = {
  image: string;
  environment?: Record<string, string | number>;
  healthcheck?: { test: string[] };
  networks: string[] | Record<string, { ipv4_address?: string }>;
  volumes?: string[];
  [option: string]: unknown;
};
type Compose = { services: Record<string, Service>; volumes: Record<string, null> };

const compose: Compose = readYaml('compose.yaml');
const services = Object.entries(compose.services);
const run = promisify(execFile);

/** Runs `create-env` in a copy of its folder. */
async function createEnv(...urls: (string | undefined)[]) {
  const dir = mkdtempSync(join(tmpdir(), 'it0-env-'));
  cpSync(fileURLToPath(new URL('../../deploy/create-env', import.meta.url)), join(dir, 'create-env'));
  const results = [];
  for (const url of urls) {
    results.push(
      await run(join(dir, 'create-env'), url ? [url] : []).then(
        () => 0,
        ({ code }: { code: number }) => code,
      ),
    );
  }
  const file = join(dir, '.env');
  return {
    results,
    read: () => readFileSync(file, 'utf8'),
    mode: () => statSync(file).mode & 0o777,
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

/** Replaces the variables in a value as Docker Compose does. Throws for a required one that is missing. */
const interpolate = (value: string | number, variables: Record<string, string>) =>
  String(value).replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name, kind, text) => {
    if (variables[name]) return variables[name];
    if (kind !== '-') throw new Error(`${name}: ${text}`);
    return text;
  });

test('a server of compose.yaml gets variables that it knows, with the values of a new .env', async () => {
  using env = await createEnv('https://it0.example.com');
  const variables = readVariables(env.read());
  for (const name of ['server-1', 'server-2']) {
    const environment = Object.entries(compose.services[name]!.environment!);
    const values = Object.fromEntries(environment.map(([key, value]) => [key, interpolate(value, variables)]));
    expect(findEnvProblems(values)).toEqual([]);
    expect(Number.parseInt(String(compose.services[name]!.stop_grace_period), 10)).toBeGreaterThan(
      toStopSeconds(values),
    );
  }
  const used = [...readDeployFile('compose.yaml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
  expect(Object.keys(variables).filter((name) => name !== 'COMPOSE_PROFILES' && !used.includes(name))).toEqual([]);
});

test('every service of compose.yaml is pinned, checked, read-only and without privileges', () => {
  expect(services.map(([name]) => name)).toEqual(
    expect.arrayContaining(['nginx', 'kong', 'server-1', 'server-2', 'postgres', 'redis', 's3']),
  );
  for (const [name, service] of services) {
    // Built from the checkout, or in the version of this file.
    const isOwn = service.image.endsWith(':-it0:local}');
    expect([name, isOwn || /^[\w.-]+\.\w+\/[\w./-]+:v?\d+\.\d+[\w.-]*$/.test(service.image)]).toEqual([name, true]);
    expect(service).toMatchObject({
      ...{ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], restart: 'unless-stopped' },
      healthcheck: { test: expect.arrayContaining(['CMD']) },
    });
    for (const option of ['privileged', 'cap_add', 'network_mode', 'pid', 'devices'])
      expect(service).not.toHaveProperty(option);
    for (const volume of service.volumes ?? []) {
      const [source = '', , mode] = volume.split(':');
      expect([volume, source in compose.volumes || (source.startsWith('./gateway/') && mode === 'ro')]).toEqual([
        volume,
        true,
      ]);
    }
  }
});

test('only the gateway of compose.yaml is open to the outside, and the servers trust its address', () => {
  expect(services.filter(([, { ports }]) => ports).map(([name]) => name)).toEqual(['nginx', 'kong']);
  for (const name of ['nginx', 'kong']) {
    const { front } = compose.services[name]!.networks as Record<string, { ipv4_address: string }>;
    expect(compose.services['server-1']!.environment!.TRUST_PROXY).toBe(front!.ipv4_address);
  }
  for (const name of ['postgres', 'redis', 's3']) expect(compose.services[name]!.networks).toEqual(['back']);
  // The names in the files of the gateways.
  const nginx = readDeployFile('gateway/nginx.conf');
  const [, failSeconds] = /server-2:4000 .*fail_timeout=(\d+)s/.exec(nginx)!;
  expect(compose.services['server-1']!.environment!.IT0_DRAIN_SECONDS).toBeGreaterThan(Number(failSeconds));
});

test('create-env creates other secrets each time, for the owner only, and overwrites nothing', async () => {
  using first = await createEnv('http://10.0.0.5:8080', 'https://other.example.com');
  using second = await createEnv(undefined);
  expect([first.results, second.results]).toEqual([[0, 73], [0]]);
  expect(first.mode()).toBe(0o600);
  const [a, b] = [readVariables(first.read()), readVariables(second.read())];
  expect([a.IT0_URL, b.IT0_URL]).toEqual(['http://10.0.0.5:8080', 'http://localhost:8080']);
  const secrets = Object.keys(a).filter((name) => /SECRET|PASSWORD|TOKEN/.test(name));
  expect(secrets).toHaveLength(5);
  expect(new Set([a, b].flatMap((values) => secrets.map((name) => values[name]))).size).toBe(10);
  for (const name of secrets) expect(a[name]).toMatch(/^[\da-f]{64}$/);
});

test('create-env refuses an address with a path, or of another kind', async () => {
  for (const url of ['https://example.com/it0', 'example.com', 'ftp://example.com', 'https://', 'https://a b']) {
    using env = await createEnv(url);
    expect([url, env.results]).toEqual([url, [64]]);
  }
});
