import { expect, test } from 'vitest';
import { programOf } from './user-agent.ts';

test('a user agent is told in plain words', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  const safari =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  expect(programOf(chrome)).toEqual({ browser: 'Chrome', system: 'Windows' });
  expect(programOf(safari)).toEqual({ browser: 'Safari', system: 'iPhone' });
  expect(programOf(firefox)).toEqual({ browser: 'Firefox', system: 'Linux' });
});

test('what is no browser is called what it calls itself, and nothing is unknown', () => {
  expect(programOf('fleet-cli/2.1')).toEqual({ browser: 'fleet-cli/2.1', system: undefined });
  expect(programOf(null)).toEqual({ browser: undefined, system: undefined });
});
