import type { IncomingMessage } from 'node:http';
import type { Context } from '@it0/api/context';
import { z } from 'zod';
import {
  type CredentialHeaders,
  type HttpDeps,
  isForeign,
  readCredential,
  readExplicitCredential,
} from '../http/context.ts';

/** First message of a client that cannot set headers: a token or an API key. */
const ConnectionParams = z.object({
  method: z.literal('connectionParams'),
  data: z.object({ token: z.string().optional(), apiKey: z.string().optional() }).nullable(),
});

/** Function that authenticates a socket. `first` is its first message when the client sends connection params. */
export type AuthenticateSocket = (first: string | null) => Promise<Context>;

/** Returns a function that authenticates a socket by its upgrade request or its first message. */
export function authenticateSocket(deps: HttpDeps, request: IncomingMessage): AuthenticateSocket {
  const { services, ingress } = deps;
  const { headers } = request;
  // The cookie is ignored for other origins, even when the first message has credentials.
  const find = isForeign(ingress, request)
    ? readExplicitCredential
    : (headers: CredentialHeaders) => readCredential(deps, headers);
  return async (first) => {
    const params = first === null ? null : ConnectionParams.parse(JSON.parse(first)).data;
    const explicit = params?.apiKey
      ? { 'x-api-key': params.apiKey }
      : params?.token && { authorization: `Bearer ${params.token}` };
    return { services, person: await services.findUser(find(explicit || headers)), caller: null };
  };
}
