import { expect, test } from 'vitest';
import { redactSecrets } from './redact-secrets.ts';

test.for([
  ['a=own', 'a=[hidden]'],
  ['b="x"', 'b="x"'],
  ['Bearer abc.def', 'Bearer [hidden]'],
  ['token: "t0ken"', 'token: "[hidden]"'],
  ['sk-ant-0123456789abc plain', '[hidden] plain'],
])('redactSecrets replaces known secrets, and texts that look like secrets: %s', ([text, redacted]) => {
  expect(redactSecrets(text!, ['own'])).toBe(redacted);
});
