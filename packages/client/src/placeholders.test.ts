import { expect, test } from 'vitest';
import { findField, listFields } from './placeholders.ts';

const text = 'Restart {{service}} on {{host name}}.';

test('findField returns the next and the previous field of a prompt', () => {
  const [service, host] = listFields(text);
  expect(text.slice(host!.start, host!.end)).toBe('{{host name}}');
  expect(findField(text, 0, 1)).toEqual(service);
  expect(findField(text, service!.end, 1)).toEqual(host);
  expect(findField(text, host!.end, 1)).toBe(null);
  expect(findField(text, host!.start, -1)).toEqual(service);
  expect(findField(text, service!.start, -1)).toBe(null);
});

test('listFields finds no field in empty, nested or broken braces', () => {
  for (const other of ['{{}}', '{ {a} }', '{{a\nb}}', '{a}']) expect([other, listFields(other)]).toEqual([other, []]);
});
