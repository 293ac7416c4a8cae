import { expect, test } from 'vitest';
import en from './en.ts';
import zh from './zh.ts';

type Messages = { [key: string]: string | Messages };

/** Lists all messages with their arguments. */
const listArguments = (messages: Messages, path = ''): [string, string[]][] =>
  Object.entries(messages).flatMap(([key, message]) =>
    typeof message === 'string'
      ? [[path + key, [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name = '']) => name))].sort()]]
      : listArguments(message, `${path}${key}.`),
  );

test('every message has the same arguments in all languages', () => {
  expect(listArguments(zh)).toEqual(listArguments(en));
});
