import { expect, test } from 'vitest';
import en from './en.ts';
import zh from './zh.ts';

type Messages = { [key: string]: string | Messages };

/** Each message's path and the arguments it names. */
const argumentsOf = (messages: Messages, path = ''): [string, string[]][] =>
  Object.entries(messages).flatMap(([key, message]) =>
    typeof message === 'string'
      ? [[path + key, [...new Set([...message.matchAll(/\{(\w+)[,}]/g)].map(([, name = '']) => name))].sort()]]
      : argumentsOf(message, `${path}${key}.`),
  );

test('every message takes the same arguments in every language', () => {
  expect(argumentsOf(zh)).toEqual(argumentsOf(en));
});
