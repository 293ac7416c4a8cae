import { z } from 'zod';

const Part = z.object({ type: z.string(), text: z.string().optional() });

/** As much of OpenAI's chat completion request as an answer is chosen by. */
export const CompletionRequest = z.object({
  model: z.string().default('scripted'),
  stream: z.boolean().default(false),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Part)]).nullish() })).min(1),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** Where a conversation stands: what the person said last, what the tools called since have put out, and which there are. */
export type Turn = { message: string; toolOutputs: string[]; tools: string[] };

/** OpenClaw ends every request with a user message of its own, and dates and annotates the person's. */
const internal = '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>';
const dated = /^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} [^\]]*\]\s*/;
const annotated = /\n+Runtime: [^\n]*\s*$/;

export function readTurn({ messages }: CompletionRequest): Turn {
  const toolOutputs: string[] = [];
  // Whoever speaks this protocol to the scripted model is OpenClaw, which has this one.
  const tools = ['exec'];
  for (const { role, content } of messages.toReversed()) {
    const text = typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('');
    if (role === 'tool') toolOutputs.unshift(text);
    if (role !== 'user' || text.trimStart().startsWith(internal)) continue;
    return { message: text.replace(dated, '').replace(annotated, '').trim(), toolOutputs, tools };
  }
  return { message: '', toolOutputs, tools };
}
