import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIRECTIVES } from './approval-bypass.fixture.ts';
import { addEarlierConversation, EARLIER, END_OF_EARLIER } from './earlier-conversation.ts';

test('earlier messages cannot end their record, and contain no directive for OpenClaw', () => {
  const part = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...DIRECTIVES, EARLIER, END_OF_EARLIER, '\n\n', '"}]', '\\', '\u2028', '\ud800'),
  );
  const text = fc.array(part, { maxLength: 5 }).map((parts) => parts.join(''));
  const turn = fc.record({ role: fc.constantFrom('user', 'assistant'), text });
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 5 }), (history) => {
      const [before = '', record = '', ...after] = addEarlierConversation({ message: 'hello', history }).split('\n\n');
      expect(before.startsWith(EARLIER)).toBe(true);
      expect(after).toEqual([END_OF_EARLIER, 'hello']);
      expect(JSON.parse(record)).toEqual(history);
      expect(record).not.toMatch(/(?<!\\)\//);
    }),
  );
});
