import type { IncomingMessage } from 'node:http';
import type { Context } from '@it0/api/context';
import { z } from 'zod';
import {
  type CredentialHeaders,
  explicitCredential,
  type HttpDeps,
  isForeign,
  readCredential,
} from '../http/context.ts';

/** What a client without cookies and headers says of itself in its first message: one of the two. */
const ConnectionParams = z.object({
  method: z.literal('connectionParams'),
  data: z.object({ token: z.string().optional(), apiKey: z.string().optional() }).nullable(),
});

/** Finds out who comes in; `first` is the first message, where the client asked to say so there. */
export type AuthenticateSocket = (first: string | null) => Promise<Context>;

export function authenticateSocket(deps: HttpDeps, request: IncomingMessage): AuthenticateSocket {
  const { services, ingress } = deps;
  const { headers } = request;
  // The cookie is ignored for other origins, even when the first message has credentials.
  const find = isForeign(ingress, request)
    ? explicitCredential
    : (shown: CredentialHeaders) => readCredential(deps, shown);
  return async (first) => {
    const said = first === null ? null : ConnectionParams.parse(JSON.parse(first)).data;
    const told = said?.apiKey ? { 'x-api-key': said.apiKey } : said?.token && { authorization: `Bearer ${said.token}` };
    return { services, person: await services.findUser(find(told || headers)), caller: null };
  };
}
