import type { ChatEvent } from './gateway-event.ts';

type Failure = { reason: 'AGENT_ERROR' | 'MODEL_UNAVAILABLE'; detail: string };

/** What a person can do about a model that did not answer, by OpenClaw's word for why. */
const model: { [failoverReason: string]: string } = {
  auth: "The model's provider refused the API key. Check the key the bridge was started with.",
  auth_permanent: "The model's provider refused the API key for good. Use another one.",
  billing: "The model's provider refused for billing reasons. Check the account of the API key.",
  rate_limit: "The model's provider is limiting requests. Try again in a while.",
  overloaded: "The model's provider is overloaded. Try again in a while.",
  server_error: "The model's provider has a problem. Try again in a while.",
  context_overflow: 'The conversation has become too long for the model. Start a new one.',
  model_not_found: 'The provider does not know the configured model. Check its name.',
  timeout: 'The model could not be reached, or did not answer in time. Check the network, and try again.',
};

/** Why a run failed, in words for a person. */
export function failureOf({ errorMessage, errorDetail }: Pick<ChatEvent, 'errorMessage' | 'errorDetail'>): Failure {
  const said = readable(errorMessage ?? '') || 'The agent failed without saying why.';
  const reason = errorDetail?.failoverReason;
  if (!errorDetail?.provider || reason === 'format') return { reason: 'AGENT_ERROR', detail: said };
  const advice = reason && Object.hasOwn(model, reason) ? model[reason] : undefined;
  return { reason: 'MODEL_UNAVAILABLE', detail: advice ? `${advice} (${said})` : said };
}

/** Without OpenClaw's decoration, its advice for its own command line, and anything that looks like a stack. */
const readable = (message: string) =>
  message
    .replace(/^⚠️\s*(Agent failed before reply:\s*)?/, '')
    .split('\n')
    .filter((line) => !/^\s+at |^To view logs/.test(line))
    .join('\n')
    .trim();
