const hidden = '[hidden]';
/** Keys of providers, and whatever stands behind such a word. */
const looksSecret =
  /\b(?:sk|pk|rk|ghp|xox\w)[-_][\w-]{12,}|(?<=\bBearer\s)\S+|(?<=\b(?:token|secret|password|api[-_]?key)["']?\s*[=:]\s*["']?)[^\s"',}]+/gi;

/** What a process wrote, less the secrets that are known and what looks like one. */
export const redactSecrets = (text: string, known: string[]) =>
  known.reduce((rest, secret) => rest.replaceAll(secret, hidden), text).replaceAll(looksSecret, hidden);
