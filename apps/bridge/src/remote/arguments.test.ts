import { expect, test } from 'vitest';
import { startRemote } from '../testing/remote-process.ts';
import { readArguments } from './arguments.ts';

test.for([
  { args: '--server https://it0.example/some/page --dir /x', is: { server: 'https://it0.example', dir: '/x' } },
  { args: '--dir /x', is: { 'no-sandbox': false } },
  { args: '--dir /x --no-sandbox', is: { 'no-sandbox': true } },
  { args: '--server http://a:1 --url http://b:2 --port 2', is: { url: 'http://b:2', port: 2 } },
  { args: '--help --nonsense=', is: undefined },
  { args: '--help', is: 'help' },
  { args: '--version', is: 'version' },
  { args: '--enroll code', is: undefined },
  { args: '--server it0.example', is: undefined },
  { args: '--server ftp://it0.example', is: undefined },
  { args: '--server http://a --url http://b', is: undefined },
  { args: '--server http://a --port 2', is: undefined },
  { args: '--server http://a --url http://b --port 70000', is: undefined },
  { args: '--server', is: undefined },
  { args: 'enroll', is: undefined },
])('"$args" is read, or refused with one line', ({ args, is }) => {
  const reading = () => readArguments(args.split(' '));
  if (is === undefined) expect(reading).toThrow(/^[^\n]+$/);
  else if (typeof is === 'string') expect(reading()).toBe(is);
  else expect(reading()).toMatchObject(is);
});

test('bad arguments are one line and exit code 2', async () => {
  await using remote = startRemote(['--sever', 'http://127.0.0.1']);
  expect(await remote.exited).toBe(2);
  expect(remote.lines).toEqual(["Unknown option '--sever'"]);
});
