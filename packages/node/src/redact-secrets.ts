const REPLACEMENT = '[hidden]';
/** API keys of known providers, and values after words such as `token` and `password`. */
const SECRET_PATTERN =
  /\b(?:sk|pk|rk|ghp|xox\w)[-_][\w-]{12,}|(?<=\bBearer\s)\S+|(?<=\b(?:token|secret|password|api[-_]?key)["']?\s*[=:]\s*["']?)[^\s"',}]+/gi;

/** Replaces known secrets, and texts that look like secrets, in the output of a process. */
export const redactSecrets = (text: string, secrets: string[]) =>
  secrets.reduce((rest, secret) => rest.replaceAll(secret, REPLACEMENT), text).replaceAll(SECRET_PATTERN, REPLACEMENT);
