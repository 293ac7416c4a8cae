import { limits } from '@it0/contracts/limits';
import { head, tail, toStorableText } from '@it0/contracts/text';
import { z } from 'zod';
import type { ToolTask } from './task-tools.ts';
import { type ApprovalOutcome, type ApprovalRequest, errorResult, type Tool, type ToolResult } from './tool.ts';

/**
 * An error of a call that is interrupted while its approval stays pending. No caller gets its result. The step stays
 * open for the call that continues it.
 */
class Interruption extends Error {}

/** A call whose task was found. `input` is not validated yet. */
export type ResolvedCall = { task: ToolTask; callId: string; input: Record<string, unknown> };

/** Runs a tool call, and reports it as a step of its task. Never throws. */
export async function callTool(
  tools: Record<string, Tool>,
  name: string,
  call: ResolvedCall | undefined,
  disconnected: AbortSignal,
): Promise<ToolResult> {
  if (!call) return errorResult('No task is running in this conversation, so its tools cannot be used.');
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!tool) return errorResult(`Unknown tool: ${name}.`);
  const parsed = tool.input.safeParse(call.input);
  if (!parsed.success) return errorResult(`Invalid arguments. ${z.prettifyError(parsed.error)}`);
  const running = runStep(name, tool, parsed.data, call, disconnected);
  call.task.calls.add(running);
  return running.finally(() => call.task.calls.delete(running));
}

async function runStep(
  name: string,
  tool: Tool,
  input: unknown,
  { task, callId }: ResolvedCall,
  disconnected: AbortSignal,
) {
  const signal = AbortSignal.any([task.signal, disconnected]);
  const step = await openStep(task, callId, { name, title: tool.title(input), args: input });
  try {
    task.workspace.create();
    const result = await tool.run(input, {
      workspace: task.workspace,
      signal,
      progress: (output) => step.progress(output),
      requestApproval: (request) =>
        requestApproval(task, { ...request, callId, textOffset: step.textOffset }, step, disconnected),
    });
    step.end(result);
    return result;
  } catch (error) {
    const result = errorResult(error instanceof Error ? error.message : 'The tool failed.');
    if (!(error instanceof Interruption)) step.end(result);
    return result;
  }
}

type Step = { textOffset: number; start(): void; restartClock(): void };

async function requestApproval(
  { taskId, approvals, approvalMs, report, remainingMs, signal }: ToolTask,
  request: ApprovalRequest & { callId: string; textOffset: number },
  step: Step,
  disconnected: AbortSignal,
): Promise<ApprovalOutcome> {
  let approvalId = '';
  const reportApproval: typeof report = (event) => {
    if (event.type === 'approval') ({ approvalId } = event);
    step.start();
    report(event);
  };
  // Half of the task's remaining time stays for the call itself.
  const expiresInMs = Math.max(0, Math.min(approvalMs, remainingMs() / 2));
  const status = await approvals.ask({ ...request, taskId, report: reportApproval, signal, disconnected, expiresInMs });
  if (!status) throw new Interruption('The call was interrupted.');
  step.restartClock();
  return { approvalId, status };
}

/** The longest time a call runs before its start is reported. */
const START_MS = 100;

/** Opens the step of a call. Its start is reported with what the call reports first, which saves a callback. */
async function openStep(
  { report, textOffset: findOffset }: ToolTask,
  id: string,
  step: { name: string; title: string; args: unknown },
) {
  const callId = head(id, limits.name);
  const textOffset = await findOffset(id);
  let startedAt = performance.now();
  let isStarted = false;
  const timer = setTimeout(start, START_MS);

  function start() {
    if (isStarted) return;
    isStarted = true;
    clearTimeout(timer);
    report({
      ...{ type: 'tool', phase: 'start', callId, textOffset },
      name: head(step.name, limits.name),
      title: head(step.title, limits.detail),
      args: head(JSON.stringify(step.args), limits.toolArgs),
    });
  }

  return {
    textOffset,
    start,
    /** Excludes the time spent waiting for a decision from the step's duration. */
    restartClock() {
      startedAt = performance.now();
    },
    progress(output: string) {
      start();
      report({ type: 'progress', callId, output: tail(toStorableText(output), limits.progress) });
    },
    end({ text, isError = false, exitCode }: ToolResult) {
      start();
      report({
        ...{ type: 'tool', phase: 'end', callId, exitCode },
        status: isError ? 'failed' : 'completed',
        output: tail(toStorableText(text), limits.toolOutput),
        durationMs: Math.round(performance.now() - startedAt),
      });
    },
  };
}
