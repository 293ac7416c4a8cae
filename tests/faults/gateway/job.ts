/** What one message asks of the stand-in agent. */
export type Job = {
  /** Names the message, so that its reply can be told from every other. */
  name: string;
  words: number;
  /** Milliseconds from one word to the next. */
  pace: number;
  /** A command it runs first: without asking, or after a person has decided. */
  tool?: 'free' | 'asked';
  /** How long a question stays open, in milliseconds. */
  askFor?: number;
};

export const messageOf = (job: Job) => `Do ${JSON.stringify(job)}`;

export function jobOf(message: string): Job | null {
  return message.startsWith('Do {') ? JSON.parse(message.slice(3)) : null;
}

/** What the agent says before its command, and after it or instead. */
export const beginning = ({ name }: Job) => `I am going to look after ${name}.`;
export const ending = ({ name, words }: Job, ran: boolean) =>
  `${ran ? 'Done' : 'Not done'}, ${name}: ${Array.from({ length: words }, (_, index) => `word${index}`).join(' ')} — the end.`;

/** The whole reply, as every screen must show it in the end. */
export const replyTo = (job: Job, ran = true) =>
  job.tool ? `${beginning(job)}\n\n${ending(job, ran)}` : ending(job, ran);
