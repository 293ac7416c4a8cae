import { expect, test } from 'vitest';
import { parseUserAgent } from './user-agent.ts';

test('parseUserAgent returns the common names of the browser and the system', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  const safari =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  expect(parseUserAgent(chrome)).toEqual({ browser: 'Chrome', system: 'Windows' });
  expect(parseUserAgent(safari)).toEqual({ browser: 'Safari', system: 'iPhone' });
  expect(parseUserAgent(firefox)).toEqual({ browser: 'Firefox', system: 'Linux' });
});

test('parseUserAgent returns the name of another program, and nothing without a user agent', () => {
  expect(parseUserAgent('fleet-cli/2.1')).toEqual({ browser: 'fleet-cli/2.1', system: undefined });
  expect(parseUserAgent(null)).toEqual({ browser: undefined, system: undefined });
});
