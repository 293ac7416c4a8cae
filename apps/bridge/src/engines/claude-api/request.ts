import type {
  ContentBlockParam,
  MessageCreateParamsNonStreaming,
  MessageParam,
  TextBlockParam,
  Tool,
} from '@anthropic-ai/sdk/resources/messages';
import type { TaskRequest } from '@it0/contracts/bridge';

const MAX_TOKENS = 16_384;
const CACHED = { cache_control: { type: 'ephemeral' } } as const;

/**
 * Builds the messages of a conversation, and marks two prefixes for the provider's cache: the history, which the next
 * task repeats, and the new message with its files, which every turn of this task repeats.
 */
export function buildConversation({ history }: TaskRequest, content: string | ContentBlockParam[]): MessageParam[] {
  const firstIndex = history.findIndex(({ role, text }) => role === 'user' && text.trim());
  const earlier = history.slice(firstIndex < 0 ? history.length : firstIndex).filter(({ text }) => text.trim());
  const earlierMessages = earlier.map(({ role, text }, index): MessageParam => {
    const block: TextBlockParam = { type: 'text', text, ...(index === earlier.length - 1 && CACHED) };
    return { role, content: [block] };
  });
  return [...earlierMessages, { role: 'user', content: typeof content === 'string' ? content : cacheLast(content) }];
}

const cacheLast = (blocks: ContentBlockParam[]) =>
  blocks.map((block, index) => (index === blocks.length - 1 ? { ...block, ...CACHED } : block));

type RequestOptions = {
  model: string;
  instructions?: string;
  tools: Tool[];
  messages: MessageParam[];
  canCallTools: boolean;
};

/** Builds one request of a task. The parts that all requests share come first and are marked for the provider's cache. */
export const buildRequest = ({
  model,
  instructions,
  tools,
  messages,
  canCallTools,
}: RequestOptions): MessageCreateParamsNonStreaming => ({
  model,
  max_tokens: MAX_TOKENS,
  messages,
  ...(instructions && { system: [{ type: 'text', text: instructions, ...CACHED }] }),
  ...(tools.length > 0 && {
    tools: tools.map((tool, index) => (index === tools.length - 1 ? { ...tool, ...CACHED } : tool)),
    tool_choice: { type: canCallTools ? 'auto' : 'none' },
  }),
});
