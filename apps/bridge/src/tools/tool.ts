import type { ApprovalKind, ApprovalStatus } from '@it0/contracts/chat-event';
import type { z } from 'zod';
import type { Workspace } from './workspace.ts';

/** The result of a call, as the model reads it and the timeline shows it. */
export type ToolResult = {
  text: string;
  isError?: boolean;
  /** For the model to look at; base64. */
  image?: { mediaType: string; data: string };
  exitCode?: number;
};

/** What a person or a rule is asked to decide. */
export type ApprovalRequest = {
  kind: ApprovalKind;
  /** The exact command, or the absolute path. */
  command: string;
  cwd?: string;
  /** Of a file to be written: all that it will hold. It is decided about too. */
  content?: string;
  agentConfiguration?: boolean;
  warning?: string;
};

/** One call of a tool by an agent, while its task runs. */
export type ToolCall = {
  workspace: Workspace;
  /** Aborts when the task is stopped, when the agent takes the call back, and when the bridge closes. */
  signal: AbortSignal;
  /** Shows the last lines of what the call puts out so far. */
  progress(output: string): void;
  /**
   * Asks for a decision and waits for it. ALLOWED is answered once for each approval, and recorded before it is: what
   * was allowed runs at most once, also across a restart of the bridge.
   */
  requestApproval(request: ApprovalRequest): Promise<Exclude<ApprovalStatus, 'PENDING'>>;
};

/** A tool that the bridge offers to its agent. Failures are results with `isError`, never exceptions. */
export type Tool<Input extends z.ZodType = z.ZodType> = {
  /** In the words that the model reads. */
  description: string;
  /** A strict object: what it does not name is refused. */
  input: Input;
  /** What the step is called on the timeline. */
  title(input: z.output<Input>): string;
  run(input: z.output<Input>, call: ToolCall): Promise<ToolResult>;
};

/** Keeps the types of a tool's input together. */
export const defineTool = <Input extends z.ZodType>(tool: Tool<Input>) => tool as unknown as Tool;

export const failed = (text: string): ToolResult => ({ text, isError: true });

/** Why a call that was not allowed did not run, for the model. */
export const notAllowed = (status: ApprovalStatus): ToolResult =>
  failed(
    {
      DENIED: 'The user denied this. Do not try it in another way; ask what to do instead.',
      EXPIRED: 'The approval expired: nobody decided in time, so it did not run.',
      CANCELLED: 'The task was stopped, so it did not run.',
      PENDING: 'It was not decided.',
      ALLOWED: 'It was allowed.',
    }[status],
  );
