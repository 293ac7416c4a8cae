import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, isRoot, type Setup, setups } from './testing.ts';

/**
 * Escape attempts: shell scripts that exit with 0 on success. `OUT` is a process outside, of the same account.
 * `control` says when the same script must succeed outside, which proves that it fails inside because of the sandbox:
 * always, or only when the tests run as root. Scripts without it fail for an ordinary account anyway.
 */
const attempts: { name: string; script: string; control?: 'works outside' | 'as root' }[] = [
  { name: 'read a secret by its path', script: 'cat "$DATA/secret"', control: 'works outside' },
  { name: 'read it from its working folder', script: 'cat ../../secret', control: 'works outside' },
  { name: 'read it by a link', script: 'ln -sf "$DATA/secret" link; cat link', control: 'works outside' },
  {
    name: 'read it by a second name',
    script: 'rm -f hard; ln "$DATA/secret" hard && cat hard',
    control: 'works outside',
  },
  { name: 'list the hidden folder', script: 'ls "$DATA" | grep secret', control: 'works outside' },
  { name: 'read it by the root of a process', script: 'cat "/proc/$OUT/root$DATA/secret"', control: 'works outside' },
  { name: 'read it by the folder of a process', script: 'cat "/proc/$OUT/cwd/secret"', control: 'works outside' },
  {
    name: 'read it by the root of any process',
    script: 'cat /proc/[0-9]*/root"$DATA"/secret | grep secret',
    control: 'works outside',
  },
  {
    name: 'read the environment of a process',
    script: 'tr "\\0" "\\n" <"/proc/$OUT/environ" | grep TOKEN',
    control: 'works outside',
  },
  {
    name: 'read the environment of any process',
    script: 'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep ^TOKEN',
    control: 'works outside',
  },
  { name: 'trace a process', script: 'readlink "/proc/$OUT/exe"', control: 'works outside' },
  { name: 'see a process', script: 'test -d "/proc/$OUT"', control: 'works outside' },
  { name: 'signal a process', script: 'kill -0 "$OUT"', control: 'works outside' },
  { name: 'end every process', script: 'trap "" TERM; kill -TERM -1; false' },
  { name: 'enter the namespaces of a process', script: 'nsenter -U -t "$OUT" true || nsenter -m -t "$OUT" true' },
  {
    name: 'uncover a folder',
    script: 'umount "$DATA" || umount -l "$DATA"; cat "$DATA/secret"',
    control: 'works outside',
  },
  {
    name: 'uncover it in a nested namespace',
    script: 'unshare -Urm sh -c \'umount "$DATA"; umount -l "$DATA"; cat "$DATA/secret"\'',
    control: 'works outside',
  },
  {
    name: 'uncover everything in a nested namespace',
    script:
      'unshare -Urm sh -c \'while read -r _ _ _ _ at _; do umount -l "$at"; done </proc/self/mountinfo; cat "$DATA/secret"\'',
    control: 'works outside',
  },
  {
    name: 'mount it elsewhere',
    script: 'unshare -Urm sh -c \'mkdir -p here && mount --bind "$BASE" here && cat here/data/secret\'',
    control: 'works outside',
  },
  {
    name: 'mount it elsewhere with all mounts below',
    script:
      'unshare -Urm sh -c \'mkdir -p here && mount --rbind "$BASE" here && { umount -l here/data; cat here/data/secret; }\'',
    control: 'works outside',
  },
  {
    name: 'read it through an overlay',
    script:
      'unshare -Urm sh -c \'mkdir -p here && mount -t overlay -o "lowerdir=$BASE:$BASE/other" over here && cat here/data/secret\'',
  },
  {
    name: 'mount /proc with other processes',
    script: 'unshare -Urm sh -c \'mount -t proc proc /tmp && cat "/tmp/$OUT/environ" | grep TOKEN\'',
  },
  { name: 'become root with a setuid program', script: 'test "$("$BASE/become-root" -u)" = 0', control: 'as root' },
  { name: 'give a file to root', script: 'touch given && chown 0 given' },
  { name: 'create a device', script: 'rm -f device; mknod device b 8 0 || unshare -Ur mknod device b 8 0' },
  {
    name: 'open the memory or a disk',
    script: 'ls /dev/mem /dev/kmsg /dev/kvm /dev/fuse /dev/sd* /dev/vd* /dev/nvme* 2>/dev/null | grep .',
  },
  {
    name: 'write to a file of another instance',
    script: 'echo x >"$DATA/instances/theirs/file"',
    control: 'works outside',
  },
  { name: 'write to a readable folder', script: 'echo x >"$BASE/other/file"', control: 'works outside' },
  {
    name: 'make it writable in a nested namespace',
    script:
      'unshare -Urm sh -c \'mount -o remount,bind,rw "$BASE"; mount -o remount,rw "$BASE"; mount --rbind "$BASE/other" "$BASE/other"; mount -o remount,bind,rw "$BASE/other"; echo x >"$BASE/other/file"\'',
    control: 'works outside',
  },
  {
    name: 'remove a readable file',
    script: 'rm -f "$BASE/other/file" "$BASE/removable/file"; test ! -e "$BASE/removable/file"',
  },
  { name: 'write to the system', script: 'touch /etc/it0-test || touch /usr/it0-test || touch /it0-test' },
  {
    name: 'change kernel settings',
    script: 'echo x >/proc/sys/kernel/hostname || echo x >/proc/sysrq-trigger || echo 1 >/sys/kernel/uevent_seqnum',
  },
  { name: 'see the temporary files of others', script: 'cat "$TEMPORARY/file"', control: 'works outside' },
  { name: 'see shared memory of others', script: 'test -e "/dev/shm/$NAME"', control: 'works outside' },
  { name: 'see message queues of others', script: 'ipcs -q | grep "$QUEUE"', control: 'as root' },
  { name: 'reach a socket in /run', script: 'test -e "/run/$NAME/socket"', control: 'as root' },
  { name: 'reach any socket in /run', script: 'find /run /var/run/ -type s | grep .' },
  { name: 'see homes', script: 'ls -A /root /home | grep -v : | grep .' },
];

describe.each(setups)('with $method, started by $as', (setup: Setup) => {
  const world = createWorld(setup);
  const temporary = mkdtempSync(join(tmpdir(), 'sandbox-'));
  const name = `it0-test-${process.pid}-${setups.indexOf(setup)}`;
  const env = {
    ...process.env,
    DATA: world.data,
    BASE: world.base,
    OUT: `${world.victim.pid}`,
    TEMPORARY: temporary,
    NAME: name,
    QUEUE: '',
  };

  beforeAll(() => {
    chmodSync(temporary, 0o755);
    writeFileSync(join(temporary, 'file'), 'the secret');
    writeFileSync(join('/dev/shm', name), 'the secret');
    copyFileSync('/usr/bin/id', join(world.base, 'become-root'));
    chmodSync(join(world.base, 'become-root'), 0o4755);
    mkdirSync(join(world.base, 'removable'));
    chmodSync(join(world.base, 'removable'), 0o777);
    writeFileSync(join(world.base, 'removable/file'), '');
    if (!isRoot) return;
    mkdirSync(`/run/${name}`);
    writeFileSync(`/run/${name}/socket`, '');
    env.QUEUE = /\d+/.exec(world.outside(['ipcmk', '-Q']).stdout as string)![0];
  });
  afterAll(() => {
    if (env.QUEUE) world.outside(['ipcrm', '-q', env.QUEUE]);
    for (const path of [temporary, join('/dev/shm', name), `/run/${name}`])
      rmSync(path, { recursive: true, force: true });
    world[Symbol.dispose]();
  });

  test('the self-test passes', () => {
    expect(world.detail).toBeNull();
  });

  test.each(attempts)('a program inside cannot $name', ({ script, control }) => {
    const argv = ['sh', '-c', script];
    const result = world.inside(argv, { env });
    expect({ hasEscaped: result.status === 0, output: result.stdout }).toEqual({
      hasEscaped: false,
      output: expect.not.stringContaining('secret'),
    });
    expect(world.victim.exitCode ?? world.victim.signalCode).toBeNull();
    if (control === 'works outside' || (control && isRoot)) expect(world.outside(argv, { env }).status).toBe(0);
  });

  test.each([
    ['an exit code', 'exit 7', 7],
    ['death by SIGKILL', 'kill -KILL $$', 137],
    ['death by SIGTERM', 'kill -TERM $$', 143],
  ])('%s is passed on', (_, script, code) => {
    expect(world.inside(['sh', '-c', script])).toMatchObject({ status: code, stderr: '' });
  });

  test('standard streams, file descriptors, environment, arguments, working folder and umask are passed on', () => {
    const script = 'cat; cat <&3; printf "%s\\n" "$WORD $1"; pwd; umask; echo err >&2';
    const file = join(world.mine, 'third');
    writeFileSync(file, 'third ');
    const ran = world.inside(['sh', '-c', `exec 3<third; sh -c '${script}' sh "$0"`, 'a "b" \\c'], {
      input: 'in ',
      env: { ...env, WORD: 'word' },
    });
    const mask = process.umask().toString(8).padStart(4, '0');
    expect(ran).toMatchObject({ stdout: `in third word a "b" \\c\n${world.mine}\n${mask}\n`, stderr: 'err\n' });
  });

  test('the writable folder, /tmp, /dev/shm and /dev/null are writable, and files in the writable folder remain', () => {
    const name = randomUUID();
    const command = `echo x >file && echo x >/tmp/${name} && echo x >/dev/shm/${name} && echo x >/dev/null && cat /tmp/${name}`;
    const ran = world.inside(['sh', '-c', command]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(existsSync(join(world.mine, 'file'))).toBe(true);
    expect(existsSync(`/tmp/${name}`)).toBe(false);
  });

  test('system programs, resolv.conf and Node are available', () => {
    const ran = world.inside([
      'sh',
      '-c',
      `test -r /etc/resolv.conf && ls / >/dev/null && "${process.execPath}" -p 1+1`,
    ]);
    expect(ran).toMatchObject({ status: 0, stdout: '2\n' });
  });

  test('loopback is reachable', async () => {
    const server = createServer((_request, response) => response.end('reached')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const code = `process.stdout.write(await (await fetch("http://127.0.0.1:${port}")).text())`;
    const child = world.start([process.execPath, '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await text(child.stdout!)).toBe('reached');
    server.close();
  });

  test('SIGKILL to the process that started the sandbox ends everything inside', async () => {
    const child = world.start(['sh', '-c', 'setsid sh -c "echo up; sleep 1000" & sleep 1000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout!, 'data');
    child.kill('SIGKILL');
    await once(child.stdout!, 'close');
  });

  test('the end of the program ends all background processes inside', async () => {
    const child = world.start(['sh', '-c', 'setsid sleep 1000 & echo up'], { stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout!.resume();
    await once(child.stdout!, 'close');
  });
});
