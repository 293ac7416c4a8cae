import { expect, test } from 'vitest';
import { startRemote } from '../testing/remote-process.ts';
import { parseArguments } from './arguments.ts';

test.for([
  { args: '--server https://it0.example/some/page --dir /x', expected: { server: 'https://it0.example', dir: '/x' } },
  { args: '--dir /x', expected: { 'no-sandbox': false } },
  { args: '--dir /x --no-sandbox', expected: { 'no-sandbox': true } },
  { args: '--server http://a:1 --url http://b:2 --port 2', expected: { url: 'http://b:2', port: 2 } },
  { args: '--help --nonsense=', expected: undefined },
  { args: '--help', expected: 'help' },
  { args: '--version', expected: 'version' },
  { args: '--enroll code', expected: undefined },
  { args: '--server it0.example', expected: undefined },
  { args: '--server ftp://it0.example', expected: undefined },
  { args: '--server http://a --url http://b', expected: undefined },
  { args: '--server http://a --port 2', expected: undefined },
  { args: '--server http://a --url http://b --port 70000', expected: undefined },
  { args: '--server', expected: undefined },
  { args: 'enroll', expected: undefined },
])('parseArguments accepts "$args", or throws an error of one line', ({ args, expected }) => {
  const parse = () => parseArguments(args.split(' '));
  if (expected === undefined) expect(parse).toThrow(/^[^\n]+$/);
  else if (typeof expected === 'string') expect(parse()).toBe(expected);
  else expect(parse()).toMatchObject(expected);
});

test('the command prints one line and exits with 2 for an unknown option', async () => {
  await using remote = startRemote(['--sever', 'http://127.0.0.1']);
  expect(await remote.exited).toBe(2);
  expect(remote.lines).toEqual(["Unknown option '--sever'"]);
});
