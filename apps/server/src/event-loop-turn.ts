/** Time for requests and frames in one turn of the event loop. */
const TURN_MS = 10;

/** Work for later turns, oldest first. */
const queue: (() => void)[] = [];
let turnStartedAt: number | undefined;

/**
 * Runs work at once, or, when the work of this turn of the event loop has taken too long, in a later turn: one piece of
 * work per turn, in the order of the calls. Without it, a thousand requests that arrive together are all started before
 * anything else is served.
 */
export function runInTurn(work: () => void): void {
  const isFirst = turnStartedAt === undefined;
  if (isFirst) startTurn();
  if (isFirst || (queue.length === 0 && performance.now() - turnStartedAt! < TURN_MS)) work();
  else queue.push(work);
}

function startTurn() {
  turnStartedAt = performance.now();
  setImmediate(endTurn);
}

function endTurn() {
  turnStartedAt = undefined;
  const work = queue.shift();
  if (!work) return;
  startTurn();
  work();
}
