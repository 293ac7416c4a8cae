import type { Request, Response } from 'express';
import { chooseAnswer, type Reply, splitText } from './answers.ts';
import { CompletionRequest, readTurn } from './conversation.ts';
import { streamPaced } from './stream-paced.ts';

/** Serves `POST /v1/chat/completions` of OpenAI's API. */
export async function serveOpenAi({ body }: Request, res: Response) {
  const request = CompletionRequest.safeParse(body);
  if (!request.success) return sendError(res, 400, 'Not a chat completion request.');
  const answer = chooseAnswer(readTurn(request.data));
  if (answer.type === 'refuse') return sendError(res, answer.status, answer.message);
  await (request.data.stream ? streamReply(res, answer) : sendReply(res, answer));
}

const sendError = (res: Response, status: number, message: string) => {
  res.status(status).json({ error: { message, type: 'invalid_request_error' } });
};

const countUsage = ({ text }: Reply) => ({
  prompt_tokens: 0,
  completion_tokens: splitText(text).length,
  total_tokens: splitText(text).length,
});

const toToolCalls = ({ call }: Reply) =>
  call && [
    {
      index: 0,
      id: `call_${crypto.randomUUID()}`,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.args) },
    },
  ];

const toFinishReason = ({ call }: Reply) => (call ? 'tool_calls' : 'stop');

async function streamReply(res: Response, answer: Reply) {
  res.setHeader('content-type', 'text/event-stream');
  const id = `chatcmpl-${crypto.randomUUID()}`;
  const chunk = (rest: object) => {
    const common = { id, object: 'chat.completion.chunk', created: Math.floor(Date.now() / 1000), model: 'scripted' };
    res.write(`data: ${JSON.stringify({ ...common, ...rest })}\n\n`);
  };
  const choice = (delta: object, finish_reason: string | null = null) =>
    chunk({ choices: [{ index: 0, delta, finish_reason }] });

  choice({ role: 'assistant', content: '' });
  if (!(await streamPaced(res, answer, (piece) => choice({ content: piece })))) return;
  if (answer.call) choice({ tool_calls: toToolCalls(answer) });
  choice({}, toFinishReason(answer));
  chunk({ choices: [], usage: countUsage(answer) });
  res.end('data: [DONE]\n\n');
}

function sendReply(res: Response, answer: Reply) {
  const message = { role: 'assistant', content: answer.text, tool_calls: toToolCalls(answer) };
  res.json({
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: 'scripted',
    choices: [{ index: 0, message, finish_reason: toFinishReason(answer) }],
    usage: countUsage(answer),
  });
}
