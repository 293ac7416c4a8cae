import type { CheckIn } from '@it0/contracts/remote-bridge';

export type StatusPrinter = ReturnType<typeof createStatusPrinter>;

/** Creates the printer of the bridge's status on its terminal. It prints each change once. */
export function createStatusPrinter(print: (line: string) => void) {
  let isUnreachable = false;
  let lastStatus = '';
  const printed = new Set<string>();
  return {
    print,
    printOnce(line: string) {
      if (!printed.has(line)) print(line);
      printed.add(line);
    },
    showUnreachable(cause: string) {
      if (!isUnreachable) print(`Cannot reach the server (${cause}). Retrying…`);
      isUnreachable = true;
    },
    showReachable() {
      if (isUnreachable) print('Reconnected.');
      isUnreachable = false;
    },
    showAgent(running: CheckIn['running'], isDesiredRunning: boolean) {
      const idle = isDesiredRunning ? 'Starting the agent…' : 'The agent is stopped.';
      const status = running ? formatHealth(running.health) : idle;
      if (status !== lastStatus) print(status);
      lastStatus = status;
    },
  };
}

const formatHealth = ({ ready, detail }: NonNullable<CheckIn['running']>['health']) =>
  ready ? 'The agent is ready.' : `The agent is not ready: ${detail ?? 'it is starting.'}`;
