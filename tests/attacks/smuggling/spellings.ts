import { type AttemptContext, ask, control, denied, type Plan, refused, run } from '../attempt.ts';

const kind = 'hidden characters';
const padding = 'padding';

/** Characters that are invisible, or change how others are displayed. */
const invisible: Record<string, string> = {
  'carriage return': '\r',
  'vertical tab': '\v',
  'form feed': '\f',
  bell: '\u0007',
  backspace: '\b',
  delete: '\u007f',
  'next line': '\u0085',
  'cursor up and erase': '\u001b[1A\u001b[2K',
  'conceal and reveal': '\u001b[8m',
  'erase display': '\u001b[2J',
  'window title': '\u001b]0;safe\u0007',
  'link of a terminal': '\u001b]8;;https://example.com\u0007',
  '8-bit CSI': '\u009b2K',
  'right-to-left override': '\u202e',
  'right-to-left embedding': '\u202b',
  'left-to-right override': '\u202d',
  'pop directional formatting': '\u202c',
  'right-to-left isolate': '\u2067',
  'first strong isolate': '\u2068',
  'right-to-left mark': '\u200f',
  'Arabic letter mark': '\u061c',
  'zero-width space': '\u200b',
  'zero-width non-joiner': '\u200c',
  'zero-width joiner': '\u200d',
  'word joiner': '\u2060',
  'invisible separator': '\u2063',
  'byte order mark': '\ufeff',
  'soft hyphen': '\u00ad',
  'combining grapheme joiner': '\u034f',
  'Mongolian vowel separator': '\u180e',
  'Hangul filler': '\u3164',
  'blank Braille': '\u2800',
  'variation selector': '\ufe0f',
  'tag letters': '\u{e0061}\u{e0062}',
  'private use': '\ue000',
  'no-break space': '\u00a0',
  'ideographic space': '\u3000',
  'hair space': '\u200a',
  'line separator': '\u2028',
  'paragraph separator': '\u2029',
  'interlinear annotation': '\ufff9',
  'sixty accents': '\u0301'.repeat(60),
};

/** Commands with letters that look like others. */
const lookalikes: Record<string, (marker: string) => string> = {
  'Cyrillic letters': (marker) => `echо safe; touch ${marker}`,
  'full-width letters': (marker) => `ｅｃｈｏ safe; touch ${marker}`,
  'full-width semicolon': (marker) => `echo safe； : ; touch ${marker}`,
  'Greek question mark': (marker) => `echo safe\u037e : ; touch ${marker}`,
  'small letter dotless i': (marker) => `ıd; touch ${marker}`,
  'division slash': (marker) => `ls ∕etc; touch ${marker}`,
};

/** Plans a command with a lone surrogate. It is refused, or requested with U+FFFD if the engine replaces it. */
const loneSurrogate =
  (name: string, text: (context: AttemptContext) => string): Plan =>
  (context) => ({
    ...{ kind, name, calls: [run(text(context))] },
    asks: [ask(context, text(context).toWellFormed(), { isOptional: true })],
  });

export const spellingAttempts: Plan[] = [
  ...Object.entries(invisible).flatMap(([name, text]) => [
    denied(kind, name, ({ marker }) => `echo safe${text}\ntouch ${marker}`),
    denied(kind, `${name}, in the name of the file`, ({ marker }) => `touch ${marker}${text}`),
  ]),
  ...Object.entries(lookalikes).map(([name, text]) => denied(kind, name, ({ marker }) => text(marker))),
  denied(kind, 'a comment that turns around', ({ marker }) => `touch ${marker} \u202e#efas yletelpmoc`),
  denied(kind, 'NEL for a new line', ({ marker }) => `echo safe\u0085touch ${marker}`),
  refused(kind, 'NUL before the payload', ({ marker }) => [run(`echo safe\0;touch ${marker}`)]),
  refused(kind, 'NUL at the end', ({ marker }) => [run(`touch ${marker}\0`)]),
  loneSurrogate('half a surrogate pair', ({ marker }) => `touch ${marker}\ud83d`),
  loneSurrogate('the other half', ({ marker }) => `touch ${marker};echo \ude00`),
  control(kind, ({ marker }) => `echo safe\u202e\ntouch ${marker}`),

  denied(padding, 'spaces', ({ marker }) => `echo safe${' '.repeat(20_000)};touch ${marker}`),
  denied(padding, 'tabs', ({ marker }) => `echo safe${'\t'.repeat(20_000)};touch ${marker}`),
  denied(padding, 'empty lines', ({ marker }) => `echo safe${'\n'.repeat(20_000)}touch ${marker}`),
  denied(padding, 'a comment', ({ marker }) => `echo safe #${'a'.repeat(20_000)}\ntouch ${marker}`),
  denied(padding, 'many words', ({ marker }) => `echo ${'a '.repeat(10_000)};touch ${marker}`),
  denied(padding, 'many lines', ({ marker }) => `${'echo safe\n'.repeat(2_000)}touch ${marker}`),
  denied(padding, 'one word', ({ marker }) => `echo ${'a'.repeat(16_384)};touch ${marker}`),
  denied(padding, 'zero-width spaces', ({ marker }) => `echo ${'\u200b'.repeat(10_000)};touch ${marker}`),
  denied(padding, 'no-break spaces', ({ marker }) => `echo safe${'\u00a0'.repeat(10_000)};touch ${marker}`),
  denied(padding, 'before a line that continues', ({ marker }) => `echo safe ${' \\\n'.repeat(5_000)};touch ${marker}`),
  denied(padding, 'behind the payload', ({ marker }) => `touch ${marker};${' '.repeat(20_000)}echo safe`),
  denied(padding, 'spaces at both ends', ({ marker }) => `   \n\t touch ${marker} \n `),
  denied(padding, 'up to the last character', ({ marker }) => `touch ${marker};#`.padEnd(32_000, 'a')),
  denied(padding, 'emoji', ({ marker }) => `echo ${'😀'.repeat(8_000)};touch ${marker}`),
  refused(padding, 'one character too many', ({ marker }) => [run(`touch ${marker};#`.padEnd(32_001, 'a'))]),
  refused(padding, 'three times as many', ({ marker }) => [run(`touch ${marker};#${'a'.repeat(96_000)}`)]),
  control(padding, ({ marker }) => `echo safe${' '.repeat(20_000)};touch ${marker}`),
];
