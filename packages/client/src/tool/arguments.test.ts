import fc from 'fast-check';
import { expect, test } from 'vitest';
import { listArguments, listOtherArguments } from './arguments.ts';

test.each([
  ['64-bit integers', '{"chat_id": 9007199254740993}', [['chat_id', '9007199254740993']]],
  ['longer integers', '{"id":12345678901234567890}', [['id', '12345678901234567890']]],
  ['integers in a list', '{"ids": [9007199254740993, 1]}', [['ids', '[9007199254740993, 1]']]],
  [
    'decimals',
    '{"price": 19.90, "v": 1.0}',
    [
      ['price', '19.90'],
      ['v', '1.0'],
    ],
  ],
  [
    'repeated keys',
    '{"a":1,"a":2}',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['exponents', '{"v": 1E3}', [['v', '1E3']]],
  ['strings with brackets', '{"v": "a\\"}{[,\\n"}', [['v', 'a"}{[,\n']]],
  ['nested objects', '{ "v" : {"a": [1, {"b": "}"}]} }', [['v', '{"a": [1, {"b": "}"}]}']]],
  ['an empty object', ' { } ', []],
  ['a list', '[1]', null],
  ['a text', 'no json', null],
])('listArguments returns %s as they were sent', (_, json, members) => {
  expect(listArguments(json)).toEqual(members);
});

test('listArguments returns every member of any object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (value, space) => {
      const members = listArguments(JSON.stringify(value, null, space));
      const parsed = members?.map(([key, text]) => [key, typeof value[key] === 'string' ? text : JSON.parse(text)]);
      expect(parsed).toEqual(Object.entries(JSON.parse(JSON.stringify(value)) as object));
    }),
  );
});

test('listOtherArguments leaves out what the title contains, and shows anything but JSON as it is', () => {
  expect(listOtherArguments('{"command":"df -h","timeout":1}', 'df -h 1')).toEqual([['timeout', '1']]);
  expect(listOtherArguments('no json', 'title')).toEqual([['', 'no json']]);
});
