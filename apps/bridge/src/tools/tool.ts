import type { ApprovalKind, ApprovalStatus } from '@it0/contracts/chat-event';
import type { z } from 'zod';
import type { Workspace } from './workspace.ts';

/** The result of a call, as the model reads it and the timeline shows it. */
export type ToolResult = {
  text: string;
  isError?: boolean;
  /** An image for the model, in base64. */
  image?: { mediaType: string; data: string };
  exitCode?: number;
};

/** The subject of an approval, which a user or a rule decides. */
export type ApprovalRequest = {
  kind: ApprovalKind;
  /** The exact command, or the absolute path. */
  command: string;
  cwd?: string;
  /** The whole new content of a file to write. It is part of what is approved. */
  content?: string;
  agentConfiguration?: boolean;
  warning?: string;
};

/** An approval with its final status. */
export type ApprovalOutcome = { approvalId: string; status: Exclude<ApprovalStatus, 'PENDING'> };

/** The context of one tool call, while its task runs. */
export type ToolCall = {
  workspace: Workspace;
  /** Aborts when the task is stopped, the agent cancels the call, or the bridge closes. */
  signal: AbortSignal;
  /** Reports the end of the call's output so far. */
  progress(output: string): void;
  /**
   * Requests an approval and waits for its decision. Returns ALLOWED once per approval, after that is on disk: an
   * allowed call runs at most once, also across a restart of the bridge.
   */
  requestApproval(request: ApprovalRequest): Promise<ApprovalOutcome>;
};

/** A tool that the bridge offers to its agent. Failures are results with `isError`, never exceptions. */
export type Tool<Input extends z.ZodType = z.ZodType> = {
  /** The description for the model. */
  description: string;
  /** A strict object: unknown keys are refused. */
  input: Input;
  /** Returns the title of the step on the timeline. */
  title(input: z.output<Input>): string;
  run(input: z.output<Input>, call: ToolCall): Promise<ToolResult>;
};

/** Infers the type of a tool's input from its schema. */
export const defineTool = <Input extends z.ZodType>(tool: Tool<Input>) => tool as unknown as Tool;

/** Creates a result that reports an error to the model. */
export const errorResult = (text: string): ToolResult => ({ text, isError: true });

/** Creates the result of a call that was not allowed. */
export const notAllowedResult = (status: ApprovalStatus): ToolResult =>
  errorResult(
    {
      DENIED: 'The user denied this. Do not try to do it another way; ask the user what to do instead.',
      EXPIRED: 'The approval expired before it was decided, so the call did not run.',
      CANCELLED: 'The call was stopped before a decision, so it did not run.',
      PENDING: 'The approval is still pending.',
      ALLOWED: 'The call was allowed.',
    }[status],
  );
