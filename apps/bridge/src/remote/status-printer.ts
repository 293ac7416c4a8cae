import type { CheckIn } from '@it0/contracts/remote-bridge';

export type StatusPrinter = ReturnType<typeof createStatusPrinter>;

/** What a person sees who started the bridge: each change, once. */
export function createStatusPrinter(say: (line: string) => void) {
  let isAway = false;
  let agent = '';
  const once = new Set<string>();
  return {
    say,
    sayOnce(line: string) {
      if (!once.has(line)) say(line);
      once.add(line);
    },
    away(why: string) {
      if (!isAway) say(`The server cannot be reached (${why}); trying again.`);
      isAway = true;
    },
    reached() {
      if (isAway) say('Connected again.');
      isAway = false;
    },
    agent(running: CheckIn['running'], isWanted: boolean) {
      const nothing = isWanted ? 'Not ready: the agent is being started.' : 'Nothing runs: the agent is stopped.';
      const now = running ? stateOf(running.health) : nothing;
      if (now !== agent) say(now);
      agent = now;
    },
  };
}

const stateOf = ({ ready, detail }: NonNullable<CheckIn['running']>['health']) =>
  ready ? 'Running: ready.' : `Not ready: ${detail ?? 'the agent is starting.'}`;
