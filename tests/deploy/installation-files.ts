import { readFileSync } from 'node:fs';
import { Env } from '@it0/server/env';
import { CLOSE_MS } from '@it0/server/server';
import { parse, parseAllDocuments } from 'yaml';

const toUrl = (path: string) => new URL(`../../deploy/${path}`, import.meta.url);

/** Reads a file in `deploy`. */
export const readDeployFile = (path: string) => readFileSync(toUrl(path), 'utf8');

/** Parses a YAML file of one document in `deploy`. */
export const readYaml = (path: string) => parse(readDeployFile(path), { merge: true });

/** Parses a YAML file of several documents in `deploy`. */
export const readYamlDocuments = (path: string) =>
  parseAllDocuments(readDeployFile(path)).map((document) => document.toJS());

/** Parses a file of variables, one a line. */
export const readVariables = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^([A-Z]\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));

/** Returns the names that the server does not read, and its objections to the values. */
export function findEnvProblems(variables: Record<string, string>): string[] {
  const unknown = Object.keys(variables).filter((name) => !(name in Env.shape));
  const { error } = Env.safeParse({ ...variables, NODE_ENV: 'production' });
  return [...unknown, ...(error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`)];
}

/** Time within which a server ends, in seconds. */
export const toStopSeconds = (variables: Record<string, string>) =>
  Number(variables.IT0_DRAIN_SECONDS) + CLOSE_MS / 1_000;
