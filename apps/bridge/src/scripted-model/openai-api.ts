import type { Request, Response } from 'express';
import { chooseAnswer, type Reply, splitText } from './answers.ts';
import { CompletionRequest, readTurn } from './conversation.ts';
import { streamPaced } from './stream-paced.ts';

/** `POST /v1/chat/completions`, as OpenAI has it. */
export async function serveOpenAi({ body }: Request, res: Response) {
  const request = CompletionRequest.safeParse(body);
  if (!request.success) return refuse(res, 400, 'Not a chat completion request.');
  const answer = chooseAnswer(readTurn(request.data));
  if (answer.type === 'refuse') return refuse(res, answer.status, answer.message);
  await (request.data.stream ? stream(res, answer) : answerWhole(res, answer));
}

const refuse = (res: Response, status: number, message: string) => {
  res.status(status).json({ error: { message, type: 'invalid_request_error' } });
};

const usageOf = ({ text }: Reply) => ({
  prompt_tokens: 0,
  completion_tokens: splitText(text).length,
  total_tokens: splitText(text).length,
});

const toolCalls = ({ call }: Reply) =>
  call && [
    {
      index: 0,
      id: `call_${crypto.randomUUID()}`,
      type: 'function',
      function: { name: call.name, arguments: JSON.stringify(call.args) },
    },
  ];

const finishOf = ({ call }: Reply) => (call ? 'tool_calls' : 'stop');

async function stream(res: Response, answer: Reply) {
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
  if (answer.call) choice({ tool_calls: toolCalls(answer) });
  choice({}, finishOf(answer));
  chunk({ choices: [], usage: usageOf(answer) });
  res.end('data: [DONE]\n\n');
}

function answerWhole(res: Response, answer: Reply) {
  const message = { role: 'assistant', content: answer.text, tool_calls: toolCalls(answer) };
  res.json({
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: 'scripted',
    choices: [{ index: 0, message, finish_reason: finishOf(answer) }],
    usage: usageOf(answer),
  });
}
