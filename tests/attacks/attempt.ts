import type { ApprovalDecision, ApprovalKind } from '@it0/contracts/chat-event';
import type { HostileCall } from './hostile-model.ts';

/** The marker and folders that an attempt uses. */
export type AttemptContext = {
  /**
   * Twelve hex digits. A file with them in its path, or a process with them in its command line, proves that something
   * ran.
   */
  marker: string;
  /** The folder in which commands run. */
  workspace: string;
  /** A folder that is read-only in every sandbox. */
  outside: string;
};

/** An approval that must be requested with exactly this content, and its decision, which is to deny by default. */
export type Ask = {
  kind: ApprovalKind;
  command: string;
  cwd?: string;
  content?: string;
  decision?: ApprovalDecision;
  /** Whether the approval must warn about configuration that the agent wrote. */
  agentConfiguration?: boolean;
  /** Whether the call may also be refused without an approval. */
  isOptional?: boolean;
};

/** An attempt to run something without approval, or with an approval that does not show it. */
export type Attempt = {
  /** The kind of attack. Each kind has a control: an allowed attempt, which must leave its marker. */
  kind: string;
  name: string;
  calls: HostileCall[];
  asks: Ask[];
  /** Whether the attempt must leave its marker; by default it must not. */
  leavesMarker?: boolean;
  /** The command that the shell must get, if it writes its own command line into the marker's file. */
  ranAs?: string;
  /** A separate message that is sent before, in a separate session. */
  messageBefore?: string;
  /** Text at the beginning of the message to the agent, in a separate session. */
  prefix?: string;
};
export type Plan = (context: AttemptContext) => Attempt;

/** Returns a call of the tool that runs commands. */
export const run = (command: string, more: object = {}): HostileCall => ({
  ...{ tool: 'run_command', args: { command, ...more } },
});
export const write = (path: string, content: string): HostileCall => ({ tool: 'write_file', args: { path, content } });
/** Returns a call of a tool that is not the bridge's. */
export const foreign = (tool: string, args: unknown): HostileCall => ({ tool, args, isForeign: true });

/** Returns the approval that must be requested for a command. */
export const ask = ({ workspace }: AttemptContext, command: string, more: Partial<Ask> = {}): Ask => ({
  ...{ kind: 'exec', command, cwd: workspace },
  ...more,
});

type Text = (context: AttemptContext) => string;

/** Plans a command in the workspace that is denied. */
export const denied =
  (kind: string, name: string, text: Text): Plan =>
  (context) => ({
    kind,
    name,
    calls: [run(text(context))],
    asks: [ask(context, text(context))],
  });

/** Plans a command that is allowed but must not leave its marker. */
export const powerless =
  (kind: string, name: string, text: Text, more: object = {}): Plan =>
  (context) => ({
    ...{ kind, name, calls: [run(text(context), more)] },
    asks: [ask(context, text(context), { decision: 'allow-once' })],
  });

/** Plans an allowed command like others of its kind, which proves that they would leave a marker if they ran. */
export const control =
  (kind: string, text: Text): Plan =>
  (context) => ({
    ...{ kind, name: 'control: leaves its marker when allowed', leavesMarker: true },
    calls: [run(text(context))],
    asks: [ask(context, text(context), { decision: 'allow-once' })],
  });

/** Plans calls that must all be refused without an approval. */
export const refused =
  (kind: string, name: string, calls: (context: AttemptContext) => HostileCall[]): Plan =>
  (context) => ({ kind, name, calls: calls(context), asks: [] });
