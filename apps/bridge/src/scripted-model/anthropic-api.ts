import type { Request, Response } from 'express';
import { z } from 'zod';
import { chooseAnswer, type Refusal, type Reply, splitText } from './answers.ts';
import type { ReceivedFile, Turn } from './conversation.ts';
import { streamPaced } from './stream-paced.ts';

const Text = z.object({ type: z.string(), text: z.string().default('') });
const Source = z.object({ type: z.string(), data: z.string(), media_type: z.string() });
const Block = Text.extend({
  content: z.union([z.string(), z.array(Text)]).optional(),
  source: Source.optional(),
  title: z.string().nullish(),
});
type Block = z.infer<typeof Block>;

/** The fields of Anthropic's message request that choose an answer. */
const MessageRequest = z.object({
  model: z.string(),
  max_tokens: z.int().min(1),
  stream: z.boolean().default(false),
  tools: z.array(z.object({ name: z.string() })).default([]),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), z.array(Block)]) })).min(1),
});
type MessageRequest = z.infer<typeof MessageRequest>;

/** Serves `POST /v1/messages` of Anthropic's API. */
export async function serveAnthropic({ body, headers }: Request, res: Response) {
  if (!headers['x-api-key'] && !headers.authorization)
    return sendRefusal(res, createRefusal(401, 'x-api-key header is required'));
  const request = MessageRequest.safeParse(body);
  if (!request.success) return sendRefusal(res, createRefusal(400, 'Not a message request.'));
  const turn = readTurn(request.data);
  const answer = chooseAnswer(turn);
  if (answer.type === 'refuse') return sendRefusal(res, answer);
  await (request.data.stream ? streamReply : sendReply)(res, answer, {
    id: `msg_${crypto.randomUUID()}`,
    type: 'message',
    role: 'assistant',
    model: request.data.model,
    stop_sequence: null,
    usage: countUsage(turn, answer),
  });
}

/** Reads the turn of a request. Skips Claude Code's reminders, and messages that only have tool results. */
function readTurn({ messages, tools }: MessageRequest): Turn {
  const toolOutputs: string[] = [];
  const found: Pick<Turn, 'message' | 'attachments'>[] = [];
  for (const { role, content } of messages.toReversed()) {
    if (role !== 'user') continue;
    const blocks = typeof content === 'string' ? [Block.parse({ type: 'text', text: content })] : content;
    const results = blocks.filter(({ type }) => type === 'tool_result');
    if (found.length === 0) toolOutputs.unshift(...results.map((result) => readText(result.content ?? '')));
    const message = readText(blocks.filter((_, index) => !isImageName(blocks, index)));
    if (message && results.length === 0) found.push({ message, attachments: blocks.flatMap(readFile) });
  }
  const [last = { message: '', attachments: [] }, ...earlier] = found;
  return { ...last, earlier: earlier.map(({ message }) => message), toolOutputs, tools: tools.map(({ name }) => name) };
}

/** Returns whether a block has the name of the image after it, since an image block has no title. */
const isImageName = (blocks: Block[], index: number) => blocks[index + 1]?.type === 'image';

function readFile({ type, source, title }: Block, index: number, blocks: Block[]): ReceivedFile[] {
  if (!source || (type !== 'image' && type !== 'document')) return [];
  const size = Buffer.byteLength(source.data, source.type === 'base64' ? 'base64' : 'utf8');
  return [{ name: title ?? blocks[index - 1]?.text.replace(/:$/, '') ?? source.media_type, size }];
}

const readText = (content: string | z.infer<typeof Text>[]) =>
  (typeof content === 'string' ? content : content.map(({ text }) => text).join('\n'))
    .replace(/<system-reminder>[\s\S]*?<\/system-reminder>|^\[Image: source: [^\n]*\]$/gm, '')
    .trim();

const createRefusal = (status: number, message: string): Refusal => ({ type: 'refuse', status, message });

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

function sendRefusal(res: Response, { status, message }: Refusal) {
  if (status === 429) res.setHeader('retry-after', '1');
  res.status(status).json({ type: 'error', error: { type: ERROR_TYPES[status], message } });
}

const countUsage = ({ message }: Turn, { text }: Reply) => ({
  input_tokens: splitText(message).length,
  output_tokens: splitText(text).length,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
});

type Envelope = { usage: ReturnType<typeof countUsage>; [key: string]: unknown };

const toToolUse = ({ name }: NonNullable<Reply['call']>) => ({
  type: 'tool_use',
  id: `toolu_${crypto.randomUUID()}`,
  name,
});
const toStopReason = ({ call }: Reply) => (call ? 'tool_use' : 'end_turn');

async function streamReply(res: Response, answer: Reply, envelope: Envelope) {
  res.setHeader('content-type', 'text/event-stream');
  const send = (type: string, rest: object = {}) =>
    res.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`);
  const { usage } = envelope;
  const message = { ...envelope, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };

  send('message_start', { message });
  send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  const sendText = (text: string) => send('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
  if (!(await streamPaced(res, answer, sendText))) return;
  send('content_block_stop', { index: 0 });
  if (answer.call) {
    const delta = { type: 'input_json_delta', partial_json: JSON.stringify(answer.call.args) };
    send('content_block_start', { index: 1, content_block: { ...toToolUse(answer.call), input: {} } });
    send('content_block_delta', { index: 1, delta });
    send('content_block_stop', { index: 1 });
  }
  send('message_delta', { delta: { stop_reason: toStopReason(answer), stop_sequence: null }, usage });
  send('message_stop');
  res.end();
}

function sendReply(res: Response, answer: Reply, envelope: Envelope) {
  const call = answer.call ? [{ ...toToolUse(answer.call), input: answer.call.args }] : [];
  res.json({ ...envelope, content: [{ type: 'text', text: answer.text }, ...call], stop_reason: toStopReason(answer) });
}
