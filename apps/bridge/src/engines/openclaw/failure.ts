import { createModelFailure, isContextOverflow, isFailureKind, type ModelFailure } from '../model-failure.ts';
import type { ChatEvent } from './gateway-event.ts';

/** Why a run failed, in words for a person. */
export function toModelFailure({
  errorMessage,
  errorDetail,
}: Pick<ChatEvent, 'errorMessage' | 'errorDetail'>): ModelFailure {
  const said = readable(errorMessage ?? '') || 'The agent failed without saying why.';
  const kind = errorDetail?.failoverReason ?? kindBySound(said);
  if (isFailureKind(kind) && (errorDetail?.provider || !errorDetail)) return createModelFailure(kind, said);
  const isModel = errorDetail?.provider && kind !== 'format';
  return { reason: isModel ? 'MODEL_UNAVAILABLE' : 'AGENT_ERROR', detail: said };
}

/** What a history keeps of a failure is its text alone. */
function kindBySound(said: string) {
  if (isContextOverflow(said) || /context overflow/i.test(said)) return 'context_overflow';
  if (/invalid x-api-key|incorrect api key|authentication_error|\b401\b.*key/i.test(said)) return 'auth';
  if (/rate.?limit|\b429\b/i.test(said)) return 'rate_limit';
}

/** Without OpenClaw's decoration, its advice for its own command line, and anything that looks like a stack. */
const readable = (message: string) =>
  message
    .replace(/^⚠️\s*(Agent failed before reply:\s*)?/, '')
    .split('\n')
    .filter((line) => !/^\s+at |^To view logs/.test(line))
    .join('\n')
    .trim();
