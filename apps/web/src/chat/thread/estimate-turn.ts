import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Part } from '@it0/contracts/reply';

const LINE_PX = 24;
const CODE_LINE_PX = 20;
const TABLE_ROW_PX = 38;
const GAP_PX = 12;
/** Average widths of characters. */
const LATIN_PX = 7.4;
const WIDE_PX = 15;
const STEP_PX = 42;
const APPROVAL_PX = 190;
const MAX_OUTPUT_PX = 288;

const estimates = new WeakMap<Turn, { width: number; height: number }>();

/**
 * Estimates the height of a turn in a column. The better it is, the less the scroll bar moves when the row is rendered
 * and measured.
 */
export function estimateTurn(turn: Turn, width: number): number {
  const known = estimates.get(turn);
  if (known?.width === width) return known.height;
  const inner = width - (width < 640 ? 32 : 48);
  const height = estimateMessage(turn, inner) + estimateAnswer(turn, inner) + 2 * GAP_PX;
  estimates.set(turn, { width, height });
  return height;
}

function estimateMessage({ message }: Turn, width: number) {
  if (!message) return 0;
  const files = message.attachments.length > 0 ? 64 : 0;
  return countLines(message.text, width - 68) * LINE_PX + files + 16 + getFooterHeight() + GAP_PX;
}

/** Returns the height of the buttons of a message, which are larger on a touch screen. */
const getFooterHeight = () => (matchMedia('(pointer: coarse)').matches ? 36 : 24);

function estimateAnswer(turn: Turn, width: number) {
  const parts = findAnswer(turn)?.parts ?? [];
  return parts.reduce((sum, part) => sum + estimatePart(part, width) + GAP_PX, 0) + LINE_PX;
}

function estimatePart(part: Part, width: number): number {
  switch (part.type) {
    case 'text':
      return estimateMarkdown(part.text, width);
    case 'tool': {
      const lines = part.output.split('\n', 16).length;
      const isOpen = part.status === 'failed' || part.status === 'running' || (part.output !== '' && lines <= 8);
      return STEP_PX + (isOpen ? Math.min(lines * CODE_LINE_PX + 20, MAX_OUTPUT_PX) : 0);
    }
    case 'approval':
      return APPROVAL_PX;
    case 'attachment':
      return 0;
  }
}

function estimateMarkdown(text: string, width: number) {
  let height = 0;
  let isCode = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) {
      isCode = !isCode;
      height += GAP_PX + (isCode ? 2 * GAP_PX : 0);
    } else if (isCode) height += CODE_LINE_PX;
    else if (line.trim() === '') height += GAP_PX;
    else if (line.startsWith('|')) height += /^[|\s:-]+$/.test(line) ? 0 : TABLE_ROW_PX;
    else height += countLines(line, width) * LINE_PX + (line.startsWith('#') ? GAP_PX : 0);
  }
  return height;
}

/** Returns the number of lines of a text in a column of this width. */
function countLines(text: string, width: number) {
  return text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(measure(line) / width)), 0);
}

/** Returns the width of a line. Chinese characters are twice as wide as Latin ones. */
function measure(line: string) {
  const wide = line.match(/[\u1100-\uffe6]/g)?.length ?? 0;
  return (line.length - wide) * LATIN_PX + wide * WIDE_PX;
}
