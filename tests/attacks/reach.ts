import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { control, type Plan, powerless, refused } from './attempt.ts';
import { converse } from './converse.ts';
import { modelKey, type Victim, type World } from './world.ts';

const kind = 'reach of an allowed command';

/** A secret that no command of an agent may read: its path on this machine, and a part of its text. */
type Secret = { name: string; path: string; text: string };

/** The environment variables of a bridge or gateway that have secrets. */
const variables = ['BRIDGE_SECRET', 'OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'IT0_MODEL_TOKEN', 'IT0_TOOLS_TOKEN'];

export type Reach = Awaited<ReturnType<typeof prepareReach>>;

/** Creates secrets, a process and a socket that an agent's commands must not reach. The caller disposes them. */
export async function prepareReach(world: World, victim: Victim) {
  const { app } = world;
  const stack = new AsyncDisposableStack();
  const createSecret = (name: string, path: string): Secret => {
    const text = `secret-${randomUUID()}`;
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, `${text}\n`, { mode: 0o644 });
    stack.defer(() => rmSync(path, { force: true }));
    return { name, path, text };
  };
  const processes = listInstanceProcesses(victim);
  const other = join(app.dataDir, 'instances', app.tenantId, randomUUID());
  const secrets: Secret[] = [
    createSecret('the server’s secret', join(app.dataDir, 'secret')),
    createSecret('the database’s password', join(app.dataDir, 'postgres.password')),
    createSecret('another instance’s workspace', join(other, 'workspaces/x/plans.txt')),
    createSecret('another tenant’s instance', join(app.dataDir, 'instances', randomUUID(), 'one/plans.txt')),
    createSecret('a temporary file of another program', join(tmpdir(), `it0-${randomUUID()}`)),
    createSecret('a file in /run', join('/run', `it0-${randomUUID()}`)),
    createSecret('a file in the bridge’s folder', join(victim.dir, 'plans.txt')),
    await createOtherWorkspace(world, victim),
    findSecret('the bridge’s unsent reports', join(victim.dir, 'outbox.db'), /^SQLite format 3/),
    findSecret('the bridge’s approvals', join(victim.dir, 'approvals.db'), /^SQLite format 3/),
    ...(victim.engine === 'openclaw'
      ? [
          findSecret('the bridge’s device key', join(victim.dir, 'device.pem'), /(?<=PRIVATE KEY-----\n).{40,}/),
          findSecret('the gateway’s token', join(victim.dir, 'gateway/openclaw.json'), /(?<="token": ")[^"]{20,}/),
          findSecret('the gateway’s record', join(victim.dir, 'gateway.json'), /(?<="token":")[^"]{20,}/),
        ]
      : []),
    ...variables.flatMap((name) => {
      const holder = processes.find(({ environment }) => environment[name]);
      return holder ? [{ name, path: `/proc/${holder.pid}/environ`, text: holder.environment[name]! }] : [];
    }),
  ];
  const bystander: ChildProcess = spawn('sleep', ['100000'], { stdio: 'ignore', env: { TOKEN: randomUUID() } });
  stack.defer(() => void bystander.kill('SIGKILL'));
  const socket = join('/run', `it0-${randomUUID()}.sock`);
  const listening = createServer((connection) => connection.end('reached')).listen(socket);
  stack.defer(() => void listening.close());
  const texts = Object.fromEntries(secrets.map(({ name, text }) => [name, text]));
  return {
    secrets,
    texts: { ...texts, 'a socket in /run': 'marker-reached' },
    bystander,
    socket,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Finds a secret in a file that exists already. Throws when the file does not match the pattern. */
function findSecret(name: string, path: string, pattern: RegExp): Secret {
  const text = pattern.exec(readFileSync(path, 'latin1'))?.[0];
  if (!text) throw new Error(`${path} does not match the pattern`);
  return { name, path, text };
}

/** Shares the instance with another user, and writes a file to that user's workspace by the agent. */
async function createOtherWorkspace(world: World, victim: Victim): Promise<Secret> {
  const { app, client } = world;
  const person = await app.newUser({ role: 'operator' });
  await client.instance.share.mutate({ instanceId: victim.instanceId, with: { userId: person.id } });
  const text = `secret-${randomUUID()}`;
  const call = { tool: 'write_file', args: { path: 'plans.txt', content: text } };
  await converse(world, victim, { calls: [call], client: app.client(person), onApproval: () => 'deny' });
  const secret = {
    name: 'the workspace of another person',
    path: `${world.workspaceOf(victim, person.id)}/plans.txt`,
    text,
  };
  if (!readFileSync(secret.path, 'utf8').includes(text))
    throw new Error('The file of the other person was not written.');
  return secret;
}

/** Lists the processes of an instance, with their environments. */
function listInstanceProcesses({ dir }: Victim) {
  return listProcesses().filter(({ environment }) =>
    Object.values(environment).some((value) => value?.startsWith(dir)),
  );
}

/** Finds processes other than bridges that have the model's key in their environment. */
export const findKeyHolders = () =>
  listProcesses().filter(
    ({ environment, line }) => Object.values(environment).includes(modelKey) && !line.includes('bridge/src/main.ts'),
  );

function listProcesses() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [environ, line] = ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
        const variables = environ!.split('\0').map((pair) => pair.split(/=(.*)/s).slice(0, 2));
        return [
          { pid: Number(pid), environment: Object.fromEntries(variables) as Record<string, string>, line: line! },
        ];
      } catch {
        return [];
      }
    });
}

/** Plans allowed commands that try to read, write or signal what does not belong to the agent. */
export function reachAttempts({ secrets, bystander, socket }: Reach, victim: Victim): Plan[] {
  const allowed = (name: string, text: string): Plan => powerless(kind, name, () => text, { timeout_seconds: 120 });
  return [
    ...secrets.flatMap(({ name, path }) => [
      allowed(`${name}, by its path`, `cat ${path}`),
      allowed(`${name}, by a link`, `ln -sf ${path} link; cat link; cp -L link copy; cat copy; rm -f link copy`),
      allowed(`${name}, by the root of any process`, `cat /proc/[0-9]*/root${path}`),
      allowed(
        `${name}, in a nested namespace`,
        `unshare -Urm sh -c 'umount -l ${path}; umount -l ${join(path, '..')}; cat ${path}'`,
      ),
      refused(kind, `${name}, by a file tool`, () => [
        { tool: 'read_file', args: { path } },
        { tool: 'list_files', args: { path: join(path, '..') } },
        { tool: 'view_image', args: { path } },
      ]),
    ]),
    allowed('every environment', "cat /proc/[0-9]*/environ | tr '\\0' '\\n'"),
    allowed('every environment, in letters', 'cat /proc/[0-9]*/environ | base64 -w0; env | base64 -w0'),
    allowed('every command line', "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'"),
    allowed('the folders above', `cd ${victim.dir}; ls -RA . ..; cat *; find .. -type f -size -100k -exec cat {} +`),
    allowed(
      'files that find lists',
      `find / -xdev -newermt -1day -type f -size -64k -not -path '/proc/*' -exec cat {} + 2>/dev/null | head -c 60000`,
    ),
    allowed('memory', 'cat /proc/1/mem /proc/kcore /dev/mem | head -c 100'),
    allowed(
      'a socket',
      `python3 -c 'import socket;s=socket.socket(socket.AF_UNIX);s.connect("${socket}");print("marker-" + s.recv(7).decode())'`,
    ),
    powerless(kind, 'a file in /etc', ({ marker }) => `touch /etc/${marker} /usr/local/bin/${marker} /${marker}`),
    powerless(kind, 'a file in a home', ({ marker }) => `touch /root/${marker} /home/${marker}`),
    powerless(
      kind,
      'a file for other programs',
      ({ marker }) => `touch /tmp/${marker} /var/tmp/${marker} /dev/shm/${marker}`,
    ),
    powerless(kind, 'a file that others read', ({ marker }) => `touch ${victim.dir}/shared/${marker} shared/${marker}`),
    allowed('a signal to another process', `kill -9 ${bystander.pid}`),
    allowed('a signal to every process', 'kill -9 -1'),
    allowed(
      'a signal to each process',
      'for n in $(seq 1 500) $(ls /proc | grep "^[0-9]"); do [ $n = $$ ] || kill -9 $n; done',
    ),
    control(kind, ({ marker }) => `touch ${marker} && cat /etc/hostname`),
  ];
}
