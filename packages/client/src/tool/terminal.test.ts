import { expect, test } from 'vitest';
import { renderTerminal, toOutputText } from './terminal.ts';

const ESC = '\u001b';

test.each([
  ['carriage returns', '10pc\r20pc\r30pc\n', '30pc'],
  ['a shorter text after a carriage return', 'longer\rab', 'abnger'],
  ['lines that end with a carriage return and a line feed', 'a\r\nb\r\n', 'a\nb'],
  ['backspaces', 'abc\b\bX\n', 'aXc'],
  ['colors', `${ESC}[32mok${ESC}[0m and ${ESC}[38;5;196mred${ESC}[m`, 'ok and red'],
  ['links', `${ESC}]8;;http://a.example${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
  ['titles that end with a bell', `${ESC}]0;title\u0007text`, 'text'],
  ['a bell', 'ding\u0007', 'ding'],
  ['an erased line', `a\r${ESC}[Kb`, 'b'],
  ['a bar that is drawn again in the line above', `1: 10%\n2: 20%\n${ESC}[2A1: 90%${ESC}[K\n`, '1: 90%\n2: 20%'],
  ['a cleared screen', `a${ESC}[H${ESC}[2Jb`, 'ab'],
  ['an unfinished sequence', `a${ESC}[3`, 'a3'],
  ['eight-bit codes', 'a\u009b31mb\u009b0m', 'ab'],
  ['tabs', 'a\tb', 'a\tb'],
  ['empty lines', 'a\n\n\nb\n', 'a\n\n\nb'],
  ['characters outside of the basic plane', '😀x\by', '😀y'],
])('renderTerminal shows %s as a terminal does', (_, output, text) => {
  expect(toOutputText(renderTerminal(output))).toBe(text);
});

test('renderTerminal returns the styles of a line', () => {
  expect(renderTerminal(`a${ESC}[1;31mb${ESC}[22mc${ESC}[39md${ESC}[94;4me${ESC}[48;2;1;2;3m${ESC}[0mf`)).toEqual([
    [
      { text: 'a', style: {} },
      { text: 'b', style: { bold: true, color: 'red' } },
      { text: 'c', style: { color: 'red' } },
      { text: 'd', style: {} },
      { text: 'e', style: { color: 'blue', underline: true } },
      { text: 'f', style: {} },
    ],
  ]);
});

test('renderTerminal does not grow without bounds', () => {
  expect(toOutputText(renderTerminal(`${ESC}[999999999Cx${ESC}[999999999By`)).length).toBeLessThan(2_000);
});
