import type {
  ContentBlockParam,
  MessageCreateParamsNonStreaming,
  MessageParam,
  TextBlockParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages';
import type { TaskRequest } from '@it0/contracts/bridge';

const maxTokens = 16_384;
const cached = { cache_control: { type: 'ephemeral' } } as const;

/**
 * What was said before, and what is said now. The next task repeats what was said before, and each turn of this one the
 * files too, so that the provider may keep it.
 */
export function buildConversation({ history }: TaskRequest, now: string | ContentBlockParam[]): MessageParam[] {
  const begin = history.findIndex(({ role, text }) => role === 'user' && text.trim());
  const before = history.slice(begin < 0 ? history.length : begin).filter(({ text }) => text.trim());
  const turns = before.map(({ role, text }, index): MessageParam => {
    const block: TextBlockParam = { type: 'text', text, ...(index === before.length - 1 && cached) };
    return { role, content: [block] };
  });
  return [...turns, { role: 'user', content: typeof now === 'string' ? now : lastCached(now) }];
}

const lastCached = (blocks: ContentBlockParam[]) =>
  blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...cached } : block));

type Parts = { model: string; instructions?: string; tools: Tool[]; messages: MessageParam[]; mayCall: boolean };

/** One request of a task. What is the same in all of them comes first and is marked for the provider's cache. */
export const buildRequest = ({
  model,
  instructions,
  tools,
  messages,
  mayCall,
}: Parts): MessageCreateParamsNonStreaming => ({
  model,
  max_tokens: maxTokens,
  messages,
  ...(instructions && { system: [{ type: 'text', text: instructions, ...cached }] }),
  ...(tools.length > 0 && {
    tools: tools.map((tool, index) => (index === tools.length - 1 ? { ...tool, ...cached } : tool)),
    tool_choice: { type: mayCall ? 'auto' : 'none' },
  }),
});
