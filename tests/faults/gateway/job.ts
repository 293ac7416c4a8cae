/** The work that one message requests of the fake gateway. */
export type Job = {
  /** Unique, so that the reply can be identified. */
  name: string;
  words: number;
  /** Milliseconds from one word to the next. */
  pace: number;
  /** The kind of command that the job runs first: `auto` is allowed by a rule, `manual` needs a user's decision. */
  tool?: 'auto' | 'manual';
  /** A command to run instead of the one that leaves a trace. */
  command?: string;
  /** Whether a `manual` command waits, after it has left its trace, until the file of `getReleaseFile` exists. */
  held?: boolean;
};

/** Returns the prefix of the files in the workspace that the runs of a job's command create. */
export const getTracePrefix = ({ name }: Pick<Job, 'name'>) => `ran.${name}.`;

/** Returns the name of the file in the workspace that ends a waiting command. */
export const getReleaseFile = ({ name }: Pick<Job, 'name'>) => `go.${name}`;

/** The patterns of the rules that allow the `auto` commands. */
export const autoPatterns = ['mktemp *', 'date +%s%N'];

const leaveTrace = (job: Job) => `mktemp ${getTracePrefix(job)}XXXXXX`;

export function formatCommand(job: Job) {
  if (job.command) return job.command;
  if (job.tool === 'auto') return leaveTrace(job);
  const hold = job.held ? [`until [ -e ${getReleaseFile(job)} ]; do sleep 0.1; done`] : [];
  return [leaveTrace(job), ...hold, `echo looked after ${job.name}`].join('; ');
}

/** Formats a job as a message, which the scripted model of a real gateway understands too. */
export const formatMessage = (job: Job) =>
  `Do ${JSON.stringify(job)}${job.tool ? `, and run \`${formatCommand(job)}\`` : ''}.`;

export function parseJob(message: string): Job | null {
  const [, job] = /^Do (\{[^}]*\})/.exec(message) ?? [];
  return job ? JSON.parse(job) : null;
}

/** Format the text before the command, and after it or without one. */
export const formatOpening = ({ name }: Job) => `I am going to look after ${name}.`;
export const formatEnding = ({ name, words }: Job, ran: boolean) =>
  `${ran ? 'Done' : 'Not done'}, ${name}: ${Array.from({ length: words }, (_, index) => `word${index}`).join(' ')} — the end.`;

/** Formats the complete reply, which every screen must show at the end. */
export const formatReply = (job: Job, ran = true) =>
  job.tool ? `${formatOpening(job)}\n\n${formatEnding(job, ran)}` : formatEnding(job, ran);
