import { limits } from '@it0/contracts/limits';
import { head, tail } from '@it0/contracts/text';
import { createCallOffsets } from '../../tools/call-offsets.ts';
import { TOOL_PREFIX } from '../../tools/tool-server.ts';
import type { NewReport } from '../engine.ts';
import type { ToolItem } from './gateway-event.ts';

/**
 * Creates the tool calls of a reply. The bridge's tools report their calls themselves: here, such a call only gets its
 * offset in the text. The plugin blocks calls of all other tools, so they are failed steps.
 */
export function createToolCalls(textLength: () => number) {
  const offsets = createCallOffsets(textLength);
  return {
    translate(item: ToolItem): NewReport[] {
      if (item.phase === 'start') offsets.mark(item.toolCallId);
      if (item.name.startsWith(TOOL_PREFIX)) return [];
      return [item.phase === 'start' ? toStart(item, textLength()) : toEnd(item)];
    },
    /** Resolves with a call's offset in the text. */
    findOffset: offsets.find,
  };
}

const toStart = ({ toolCallId, name, title = name }: ToolItem, textOffset: number): NewReport => ({
  type: 'tool',
  phase: 'start',
  callId: head(toolCallId, limits.name),
  name: head(name, limits.name),
  title: head(title, limits.detail),
  textOffset,
});

const toEnd = ({ toolCallId, status, error = '' }: ToolItem): NewReport => ({
  type: 'tool',
  phase: 'end',
  callId: head(toolCallId, limits.name),
  output: tail(error, limits.toolOutput),
  status: status === 'completed' ? 'completed' : 'failed',
});
