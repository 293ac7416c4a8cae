import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { vi } from 'vitest';

/** Claims of a person. */
export type Claims = { sub: string; email?: string; email_verified?: unknown; name?: string };

/** Starts a real OpenID provider, which signs every visitor in as `person` without a prompt. */
export async function identityProvider({ redirectUri }: { redirectUri: string }) {
  // It logs warnings about development settings.
  for (const kind of ['info', 'warn'] as const) vi.spyOn(console, kind).mockImplementation(() => {});
  const client = { clientId: 'it0', clientSecret: 'a secret between the two' };
  let person: Claims = { sub: 'nobody' };
  let isUp = true;
  let isDeclining = false;
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.clientId,
        client_secret: client.clientSecret,
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    cookies: { keys: ['only for tests'] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...person, sub }) as Claims & Record<string, never> }),
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({ accountId: oidc.session!.accountId, clientId: oidc.client!.clientId });
      grant.addOIDCScope('openid email profile');
      await grant.save();
      return grant;
    },
  });
  const protocol = provider.callback();

  async function handle(request: IncomingMessage, response: ServerResponse) {
    if (!isUp) return void response.writeHead(503).end();
    if (!request.url?.startsWith('/interaction/')) return void protocol(request, response);
    const result = isDeclining
      ? { error: 'access_denied', error_description: '<b>no</b>' }
      : { login: { accountId: person.sub } };
    await provider.interactionFinished(request, response, result);
  }

  return {
    oidc: { issuer, ...client },
    /** Sets the person who signs in. */
    signInAs(claims: Claims) {
      person = claims;
    },
    decline() {
      isDeclining = true;
    },
    goDown() {
      isUp = false;
    },
    recover() {
      isUp = true;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
