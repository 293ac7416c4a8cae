/** What one message asks of the stand-in agent. */
export type Job = {
  /** Names the message, so that its reply can be told from every other. */
  name: string;
  words: number;
  /** Milliseconds from one word to the next. */
  pace: number;
  /** The kind of command that the job runs first: `free` is allowed by a rule, `asked` needs a user's decision. */
  tool?: 'free' | 'asked';
  /** A command to run instead of the one that leaves a trace. */
  command?: string;
  /** Whether an `asked` command waits, after it has left its trace, until the file of `releaseOf` exists. */
  held?: boolean;
};

/** Returns the prefix of the files in the workspace that the runs of a job's command create. */
export const traceOf = ({ name }: Pick<Job, 'name'>) => `ran.${name}.`;

/** Returns the name of the file in the workspace that ends a waiting command. */
export const releaseOf = ({ name }: Pick<Job, 'name'>) => `go.${name}`;

/** The patterns of the rules that allow the `free` commands. */
export const freePatterns = ['mktemp *', 'date +%s%N'];

const leaveTrace = (job: Job) => `mktemp ${traceOf(job)}XXXXXX`;

export function commandOf(job: Job) {
  if (job.command) return job.command;
  if (job.tool === 'free') return leaveTrace(job);
  const hold = job.held ? [`until [ -e ${releaseOf(job)} ]; do sleep 0.1; done`] : [];
  return [leaveTrace(job), ...hold, `echo looked after ${job.name}`].join('; ');
}

/** Formats a job as a message, which the scripted model of a real gateway understands too. */
export const messageOf = (job: Job) => `Do ${JSON.stringify(job)}${job.tool ? `, and run \`${commandOf(job)}\`` : ''}.`;

export function jobOf(message: string): Job | null {
  const [, job] = /^Do (\{[^}]*\})/.exec(message) ?? [];
  return job ? JSON.parse(job) : null;
}

/** What the agent says before its command, and after it or instead. */
export const beginning = ({ name }: Job) => `I am going to look after ${name}.`;
export const ending = ({ name, words }: Job, ran: boolean) =>
  `${ran ? 'Done' : 'Not done'}, ${name}: ${Array.from({ length: words }, (_, index) => `word${index}`).join(' ')} — the end.`;

/** The whole reply, as every screen must show it in the end. */
export const replyTo = (job: Job, ran = true) =>
  job.tool ? `${beginning(job)}\n\n${ending(job, ran)}` : ending(job, ran);
