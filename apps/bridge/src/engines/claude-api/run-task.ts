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

/** How often the model may call tools and be asked again; the last time it has to answer. */
const mostTurns = 20;

/** Does one task by asking the model, which keeps nothing: what it was asked before a restart is not to be had again. */
export async function runTask(
  { task, files, hasStarted: begun, report, signal }: Run,
  client: Anthropic,
  model: string,
): Promise<End> {
  if (begun) return toInterruptedEnd();
  const refusal = checkFiles(task, files);
  if (refusal) return refusal;
  report({ type: 'task', status: 'RUNNING' });
  const reply = createReplyBuilder(report);
  const tools = await openTools(task, reply, signal);
  try {
    return await converse();
  } catch (error) {
    if (signal.aborted)
      return signal.reason === CLOSED ? toInterruptedEnd(reply.text()) : toStoppedEnd(signal, reply.text());
    const failure = toModelFailure(error, files.length > 0);
    if (!failure) throw error;
    return reply.fail(failure);
  } finally {
    await tools.close().catch(() => {});
  }

  async function converse(): Promise<End> {
    const messages = buildConversation(task, await buildContent(task.message, files));
    for (let turn = 1; ; turn += 1) {
      const { instructions } = task;
      const mayCall = turn < mostTurns;
      const message = await ask(buildRequest({ model, instructions, tools: tools.list, messages, mayCall }));
      if (message.stop_reason !== 'tool_use') return endOf(message, reply);
      const results = await callAll(message.content, tools, signal);
      signal.throwIfAborted();
      messages.push({ role: 'assistant', content: message.content }, { role: 'user', content: results });
    }
  }

  async function ask(request: ReturnType<typeof buildRequest>) {
    reply.startParagraph();
    const stream = client.messages.stream(request, { signal });
    stream.on('text', reply.appendText);
    // Between two tries the SDK waits without looking at the signal.
    const message = await Promise.race([stream.finalMessage(), aborted(signal)]);
    reply.addUsage(toUsage(message.usage));
    return message;
  }
}

function endOf({ stop_reason }: Message, reply: ReplyBuilder): End {
  switch (stop_reason) {
    case 'max_tokens':
      return reply.fail({
        reason: 'AGENT_ERROR',
        detail: 'The reply became longer than the model may answer at once.',
      });
    case 'model_context_window_exceeded':
      return reply.fail(createModelFailure('context_overflow'));
    case 'refusal':
      return reply.fail({ reason: 'AGENT_ERROR', detail: 'The model declined to answer this.' });
    default:
      return reply.complete();
  }
}

const callAll = (content: Message['content'], tools: Tools, signal: AbortSignal) =>
  Promise.all(
    content
      .filter((block): block is ToolUseBlock => block.type === 'tool_use')
      .map(async (use): Promise<ToolResultBlockParam> => {
        const { output, failed } = await tools.call(use, signal);
        return { type: 'tool_result', tool_use_id: use.id, content: output, is_error: failed };
      }),
  );

const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
