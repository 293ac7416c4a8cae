import pino from 'pino';
import { expect, test } from 'vitest';
import { createWire } from './wire.ts';

test('disposing a wire rejects the pings without a response, which periodic pings wait for', async () => {
  const wire = createWire({ send: async () => {}, maxBytes: 1_000, log: pino({ level: 'silent' }) });
  const rejected = expect(wire.ping()).rejects.toThrow('The bus is closed.');
  await wire[Symbol.asyncDispose]();
  await rejected;
});
