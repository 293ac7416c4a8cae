import type { TaskRequest } from '@it0/contracts/bridge';

/** Returns earlier turns as JSON, so that no text in them can end the record or pass for another turn. */
export const toRecord = (history: TaskRequest['history']): string =>
  `[${history.map((turn) => JSON.stringify(turn)).join(',\n')}]`;
