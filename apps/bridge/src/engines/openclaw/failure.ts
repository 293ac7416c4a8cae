import { createModelFailure, isContextOverflow, isFailureKind, type ModelFailure } from '../model-failure.ts';
import type { ChatEvent } from './gateway-event.ts';

/** Converts the failure of a run. */
export function toModelFailure({
  errorMessage,
  errorDetail,
}: Pick<ChatEvent, 'errorMessage' | 'errorDetail'>): ModelFailure {
  const message = cleanMessage(errorMessage ?? '') || 'The agent failed for an unknown reason.';
  const kind = errorDetail?.failoverReason ?? guessKind(message);
  if (isFailureKind(kind) && (errorDetail?.provider || !errorDetail)) return createModelFailure(kind, message);
  const isModel = errorDetail?.provider && kind !== 'format';
  return { reason: isModel ? 'MODEL_UNAVAILABLE' : 'AGENT_ERROR', detail: message };
}

/** Guesses the kind of a failure from its text. A history has nothing else. */
function guessKind(message: string) {
  if (isContextOverflow(message) || /context overflow/i.test(message)) return 'context_overflow';
  if (/invalid x-api-key|incorrect api key|authentication_error|\b401\b.*key/i.test(message)) return 'auth';
  if (/rate.?limit|\b429\b/i.test(message)) return 'rate_limit';
}

/** Removes OpenClaw's prefix, its advice for the command line and lines of a stack trace. */
const cleanMessage = (message: string) =>
  message
    .replace(/^⚠️\s*(Agent failed before reply:\s*)?/, '')
    .split('\n')
    .filter((line) => !/^\s+at |^To view logs/.test(line))
    .join('\n')
    .trim();
