import { z } from 'zod';

const Part = z.object({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.object({ url: z.string() }).optional(),
});
type Part = z.infer<typeof Part>;

/** As much of OpenAI's chat completion request as an answer is chosen by. */
export const CompletionRequest = z.object({
  model: z.string().default('scripted'),
  stream: z.boolean().default(false),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Part)]).nullish() })).min(1),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** Where a conversation stands: what the person said last, what the tools called since have put out, and which there are. */
export type Turn = { message: string; attachments: ReceivedFile[]; toolOutputs: string[]; tools: string[] };
/** A file as it arrived with a message; its size in bytes. */
export type ReceivedFile = { name: string; size: number };

/** OpenClaw ends every request with a user message of its own, and dates and annotates the person's. */
const internal = '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>';
const dated = /^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} [^\]]*\]\s*/;
const annotated = /\n+Runtime: [^\n]*\s*$/;

/** Matches OpenClaw's message after a restart. The user's message before it still needs an answer. */
const resumed = /^\s*\[System\] Your previous turn was interrupted/;
/** Matches OpenClaw's placeholder for a tool output that a restart lost. The call must be repeated. */
const lostOutput = /missing tool result|synthetic error/i;

export function readTurn({ messages, tools: offered }: CompletionRequest): Turn {
  const toolOutputs: string[] = [];
  const tools = offered.map((tool) => tool.function.name);
  for (const { role, content } of messages.toReversed()) {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
    const text = parts.map((part) => part.text ?? '').join('');
    if (role === 'tool' && !lostOutput.test(text)) toolOutputs.unshift(text);
    if (role !== 'user' || text.trimStart().startsWith(internal)) continue;
    if (resumed.test(text.replace(dated, ''))) continue;
    const message = text.replace(dated, '').replace(annotated, '').replaceAll(fileBlock, '').replaceAll(mediaLine, '');
    return { message: message.trim(), attachments: [...filesIn(text), ...parts.flatMap(imageIn)], toolOutputs, tools };
  }
  return { message: '', attachments: [], toolOutputs, tools };
}

/** OpenClaw puts the text of a file behind the message, and something of its own into its name. */
const mediaLine = /^\[media attached[^\n]*\]$/gm;
const fileBlock = /<file name="([^"]*)"[^>]*>\n([\s\S]*?)\n<\/file>/g;
const quoted =
  /<<<EXTERNAL_UNTRUSTED_CONTENT[^>]*>>>\n(?:[^\n]*\n)*?---\n([\s\S]*?)\n?<<<END_EXTERNAL_UNTRUSTED_CONTENT/;
const addedToName = /---[0-9a-f-]{36}(?=\.|$)/;

const filesIn = (text: string): ReceivedFile[] =>
  [...text.matchAll(fileBlock)].map(([, name = '', block = '']) => ({
    name: name.replace(addedToName, ''),
    size: Buffer.byteLength(quoted.exec(block)?.[1] ?? block),
  }));

/** Of an image the name is lost on the way. */
function imageIn({ image_url }: Part): ReceivedFile[] {
  const [, type, data] = /^data:image\/(\w+);base64,(.*)$/s.exec(image_url?.url ?? '') ?? [];
  return type && data ? [{ name: `image.${type}`, size: Buffer.from(data, 'base64').length }] : [];
}
