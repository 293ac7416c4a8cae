import type Anthropic from '@anthropic-ai/sdk';
import type { Message, ToolResultBlockParam, ToolUseBlock } from '@anthropic-ai/sdk/resources/messages';
import { CLOSED } from '../active-runs.ts';
import { buildContent, checkFiles } from '../claude-content.ts';
import { type End, type Run, toInterruptedEnd, toStoppedEnd } from '../engine.ts';
import { createModelFailure } from '../model-failure.ts';
import { createReplyBuilder, type ReplyBuilder, toUsage } from '../reply-builder.ts';
import { toModelFailure } from './failure.ts';
import { buildConversation, buildRequest } from './request.ts';
import { openTools, type Tools } from './tools.ts';

/** The limit of model requests per task. The last one forbids tool calls, so that the model has to reply. */
const MAX_TURNS = 20;

/** Runs one task. The API keeps no state, so a run that a restart interrupted cannot be recovered. */
export async function runTask(
  { task, files, hasStarted, report, signal }: Run,
  client: Anthropic,
  model: string,
): Promise<End> {
  if (hasStarted) return toInterruptedEnd();
  const refusal = checkFiles(task, files);
  if (refusal) return refusal;
  report({ type: 'task', status: 'RUNNING' });
  const reply = createReplyBuilder(report);
  await using tools = await openTools(task, reply, signal);
  try {
    return await converse();
  } catch (error) {
    if (signal.aborted)
      return signal.reason === CLOSED ? toInterruptedEnd(reply.text()) : toStoppedEnd(signal, reply.text());
    const failure = toModelFailure(error, files.length > 0);
    if (!failure) throw error;
    return reply.fail(failure);
  }

  async function converse(): Promise<End> {
    const messages = buildConversation(task, await buildContent(task.message, files));
    for (let turn = 1; ; turn += 1) {
      const { instructions } = task;
      const canCallTools = turn < MAX_TURNS;
      const message = await requestTurn(
        buildRequest({ model, instructions, tools: tools.list, messages, canCallTools }),
      );
      if (message.stop_reason !== 'tool_use') return toEnd(message, reply);
      const results = await callTools(message.content, tools, signal);
      signal.throwIfAborted();
      messages.push({ role: 'assistant', content: message.content }, { role: 'user', content: results });
    }
  }

  async function requestTurn(request: ReturnType<typeof buildRequest>) {
    reply.startParagraph();
    const stream = client.messages.stream(request, { signal });
    stream.on('text', reply.appendText);
    // The SDK ignores the signal while it waits before a retry.
    const message = await Promise.race([stream.finalMessage(), rejectOnAbort(signal)]);
    reply.addUsage(toUsage(message.usage));
    return message;
  }
}

function toEnd({ stop_reason }: Message, reply: ReplyBuilder): End {
  switch (stop_reason) {
    case 'max_tokens':
      return reply.fail({
        reason: 'AGENT_ERROR',
        detail: 'The reply exceeded the output limit of the model.',
      });
    case 'model_context_window_exceeded':
      return reply.fail(createModelFailure('context_overflow'));
    case 'refusal':
      return reply.fail({ reason: 'AGENT_ERROR', detail: 'The model declined to answer.' });
    default:
      return reply.complete();
  }
}

const callTools = (content: Message['content'], tools: Tools, signal: AbortSignal) =>
  Promise.all(
    content
      .filter((block): block is ToolUseBlock => block.type === 'tool_use')
      .map(async (use): Promise<ToolResultBlockParam> => {
        const { output, isError } = await tools.call(use, signal);
        return { type: 'tool_result', tool_use_id: use.id, content: output, is_error: isError };
      }),
  );

const rejectOnAbort = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
