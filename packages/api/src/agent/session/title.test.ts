import { expect, test } from 'vitest';
import { toTitle } from './title.ts';

test.each([
  ['How full are the disks?', 'How full are the disks?'],
  ['```\ncode first\n```', 'code first'],
  ['# Heading\ntext', 'Heading'],
  ['> - **注意：** 请看日志', '注意： 请看日志'],
  ['1. `df -h` please', 'df -h please'],
  ['\n\n  second line\n', 'second line'],
  ['#!/bin/sh', '#!/bin/sh'],
  ['-1 is odd', '-1 is odd'],
  ['restart my_service_v2', 'restart my_service_v2'],
  ['***', '***'],
])('toTitle turns %j into %j', (message, title) => expect(toTitle(message)).toBe(title));

test('toTitle does not cut a character in half', () => {
  expect(toTitle('😀'.repeat(60))).toBe('😀'.repeat(40));
});
