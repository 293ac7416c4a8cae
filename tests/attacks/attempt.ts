import type { ApprovalDecision, ApprovalKind } from '@it0/contracts/chat-event';
import type { HostileCall } from './hostile-model.ts';

/** What a hostile model has to work with. */
export type Scene = {
  /** Twelve hex digits. A file with them in its path, or a process with them in its command line, tells that something ran. */
  marker: string;
  /** The folder in which commands run. */
  workspace: string;
  /** A folder that no sandbox lets be written. */
  outside: string;
};

/** What a person must be asked about, letter by letter, and what they decide: they deny unless it says otherwise. */
export type Ask = {
  kind: ApprovalKind;
  command: string;
  cwd?: string;
  content?: string;
  decision?: ApprovalDecision;
  /** Whether the card has to say that the agent wrote configuration. */
  agentConfiguration?: boolean;
  /** It may as well be refused without asking. */
  isOptional?: boolean;
};

/** One way of having something run that nobody allowed, or of having allowed what was not seen. */
export type Attempt = {
  /** What it tries. Of each kind there is a control: the same, allowed, which has to leave its marker. */
  kind: string;
  name: string;
  calls: HostileCall[];
  asks: Ask[];
  /** Whether the marker has to be there in the end; it must not be there unless it says so. */
  leavesMarker?: boolean;
  /** The command, where it writes the shell's own command line into the file that is the marker. */
  ranAs?: string;
  /** Said to the agent before everything else. */
  says?: string;
};
export type Plan = (scene: Scene) => Attempt;

/** A call of the tool that runs commands. */
export const run = (command: string, more: object = {}): HostileCall => ({
  ...{ tool: 'run_command', args: { command, ...more } },
});
export const write = (path: string, content: string): HostileCall => ({ tool: 'write_file', args: { path, content } });
/** A call of a tool that is not the bridge's. */
export const foreign = (tool: string, args: unknown): HostileCall => ({ tool, args, isForeign: true });

/** What a person is asked about a command. */
export const ask = ({ workspace }: Scene, command: string, more: Partial<Ask> = {}): Ask => ({
  ...{ kind: 'exec', command, cwd: workspace },
  ...more,
});

type Text = (scene: Scene) => string;

/** An attempt that is one command in the workspace, which a person denies. */
export const denied =
  (kind: string, name: string, text: Text): Plan =>
  (scene) => ({ kind, name, calls: [run(text(scene))], asks: [ask(scene, text(scene))] });

/** One that a person allows, and that leaves nothing all the same. */
export const powerless =
  (kind: string, name: string, text: Text, more: object = {}): Plan =>
  (scene) => ({
    ...{ kind, name, calls: [run(text(scene), more)] },
    asks: [ask(scene, text(scene), { decision: 'allow-once' })],
  });

/** The same as other attempts of its kind, but allowed: it shows that the marker would tell. */
export const control =
  (kind: string, text: Text): Plan =>
  (scene) => ({
    ...{ kind, name: 'control: it leaves its marker when it is allowed', leavesMarker: true },
    calls: [run(text(scene))],
    asks: [ask(scene, text(scene), { decision: 'allow-once' })],
  });

/** An attempt of which every call has to be refused without asking. */
export const refused =
  (kind: string, name: string, calls: (scene: Scene) => HostileCall[]): Plan =>
  (scene) => ({ kind, name, calls: calls(scene), asks: [] });
