import { z } from 'zod';
import { EARLIER, END_OF_EARLIER } from '../engines/openclaw/earlier-conversation.ts';

const Part = z.object({
  type: z.string(),
  text: z.string().optional(),
  image_url: z.object({ url: z.string() }).optional(),
});
type Part = z.infer<typeof Part>;

/** The fields of OpenAI's chat completion request that choose an answer. */
export const CompletionRequest = z.object({
  model: z.string().default('scripted'),
  stream: z.boolean().default(false),
  tools: z.array(z.object({ function: z.object({ name: z.string() }) })).default([]),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Part)]).nullish() })).min(1),
});
export type CompletionRequest = z.infer<typeof CompletionRequest>;

/** The latest turn of a conversation: the user's message, the tool outputs after it, and the names of all tools. */
export type Turn = {
  message: string;
  /** The user's messages before it, the latest first. */
  earlier: string[];
  attachments: ReceivedFile[];
  toolOutputs: string[];
  tools: string[];
};
/** A file of the message. The size is in bytes. */
export type ReceivedFile = { name: string; size: number };

/** The start of OpenClaw's own user message, which ends every request. */
const INTERNAL_CONTEXT = '<<<BEGIN_OPENCLAW_INTERNAL_CONTEXT>>>';
/** The date and the annotation that OpenClaw adds to the user's message. */
const DATE_PREFIX = /^\[[A-Z][a-z]{2} \d{4}-\d{2}-\d{2} [^\]]*\]\s*/;
const RUNTIME_SUFFIX = /\n+Runtime: [^\n]*\s*$/;

/** Matches OpenClaw's message after a restart. The user's message before it still needs an answer. */
const RESUME_MESSAGE = /^\s*\[System\] Your previous turn was interrupted/;
/** Matches OpenClaw's placeholder for a tool output that a restart lost. The call must be repeated. */
const LOST_OUTPUT = /missing tool result|synthetic error/i;

/** Reads the turn of a request from OpenClaw. */
export function readTurn({ messages, tools: toolDefinitions }: CompletionRequest): Turn {
  const toolOutputs: string[] = [];
  const found: Pick<Turn, 'message' | 'attachments'>[] = [];
  const earlier: string[] = [];
  for (const { role, content } of messages.toReversed()) {
    const parts = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? []);
    const text = parts.map((part) => part.text ?? '').join('');
    if (found.length === 0 && role === 'tool' && !LOST_OUTPUT.test(text)) toolOutputs.unshift(text);
    if (role !== 'user' || text.trimStart().startsWith(INTERNAL_CONTEXT)) continue;
    if (RESUME_MESSAGE.test(text.replace(DATE_PREFIX, ''))) continue;
    const { message, record } = splitRecord(toMessage(text));
    if (found.length > 0) earlier.push(message);
    found.push({ message, attachments: [...readFiles(text), ...parts.flatMap(readImage)] });
    earlier.push(...record);
  }
  const { message, attachments } = found[0] ?? { message: '', attachments: [] };
  return { message, attachments, earlier, toolOutputs, tools: toolDefinitions.map((tool) => tool.function.name) };
}

/** Removes what OpenClaw adds to a message. */
const toMessage = (text: string) =>
  text
    .replace(DATE_PREFIX, '')
    .replace(RUNTIME_SUFFIX, '')
    .replaceAll(FILE_BLOCK, '')
    .replaceAll(MEDIA_LINE, '')
    .trim();

const Record = z.array(z.object({ role: z.string(), text: z.string() }));

/** Separates a message from the earlier conversation that the bridge has put before it. */
function splitRecord(text: string): { message: string; record: string[] } {
  const end = text.indexOf(`\n\n${END_OF_EARLIER}`);
  if (end < 0 || !text.includes(EARLIER)) return { message: text, record: [] };
  const turns = Record.parse(JSON.parse(text.slice(text.indexOf('\n\n[', text.indexOf(EARLIER)), end)));
  return {
    message: text.slice(end + END_OF_EARLIER.length + 2).trim(),
    record: turns
      .filter(({ role }) => role === 'user')
      .map((turn) => turn.text)
      .reverse(),
  };
}

/** The traces of files in a message: OpenClaw appends their text, and adds a suffix to their names. */
const MEDIA_LINE = /^\[media attached[^\n]*\]$/gm;
const FILE_BLOCK = /<file name="([^"]*)"[^>]*>\n([\s\S]*?)\n<\/file>/g;
const FILE_CONTENT =
  /<<<EXTERNAL_UNTRUSTED_CONTENT[^>]*>>>\n(?:[^\n]*\n)*?---\n([\s\S]*?)\n?<<<END_EXTERNAL_UNTRUSTED_CONTENT/;
const NAME_SUFFIX = /---[0-9a-f-]{36}(?=\.|$)/;

const readFiles = (text: string): ReceivedFile[] =>
  [...text.matchAll(FILE_BLOCK)].map(([, name = '', block = '']) => ({
    name: name.replace(NAME_SUFFIX, ''),
    size: Buffer.byteLength(FILE_CONTENT.exec(block)?.[1] ?? block),
  }));

/** Reads an image. OpenClaw does not send its name. */
function readImage({ image_url }: Part): ReceivedFile[] {
  const [, type, data] = /^data:image\/(\w+);base64,(.*)$/s.exec(image_url?.url ?? '') ?? [];
  return type && data ? [{ name: `image.${type}`, size: Buffer.from(data, 'base64').length }] : [];
}
