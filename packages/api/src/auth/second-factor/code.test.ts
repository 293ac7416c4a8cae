import { toFullWidth } from '@it0/contracts/full-width.fixture';
import { expect, test } from 'vitest';
import { AppCode, BackupCode } from './code.ts';

const separators = [
  '',
  ' ',
  '\u00a0',
  '\u2009',
  '\u3000',
  '-',
  '\u2010',
  '\u2011',
  '\u2013',
  '\u2014',
  '\uff0d',
  '\u200b',
  '\u2800',
  '\ufe0f',
  '\t',
];

test('AppCode accepts six digits with any separators and in full width', () => {
  for (const separator of separators) {
    const spellings = [`123${separator}456`, [...'123456'].join(separator), `${separator}123456${separator}`];
    for (const spelling of [...spellings, ...spellings.map(toFullWidth)]) {
      expect([spelling, AppCode.safeParse(spelling).data]).toEqual([spelling, '123456']);
    }
  }
});

test('AppCode refuses other texts', () => {
  for (const wrong of ['', '12345', '1234567', '12345a', '123.456', '+123456', '1'.repeat(101), 'abcdef']) {
    expect([wrong, AppCode.safeParse(wrong).success]).toEqual([wrong, false]);
  }
});

test('BackupCode accepts a code with any separator or none, and keeps its case', () => {
  for (const separator of separators) {
    for (const spelling of [
      `aB3dE${separator}fGh9J`,
      toFullWidth(`aB3dE${separator}fGh9J`),
      ` aB3dE${separator}fGh9J `,
    ]) {
      expect([spelling, BackupCode.safeParse(spelling).data]).toEqual([spelling, 'aB3dE-fGh9J']);
    }
  }
  expect(BackupCode.parse('ab3de-fgh9j')).toBe('ab3de-fgh9j');
});

test('BackupCode refuses other texts', () => {
  for (const wrong of ['', 'aB3dE-fGh9', 'aB3dE-fGh9JK', 'aB3dE_fGh9J', '123456']) {
    expect([wrong, BackupCode.safeParse(wrong).success]).toEqual([wrong, false]);
  }
});
