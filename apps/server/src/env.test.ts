import { afterEach, expect, test, vi } from 'vitest';
import { readEnv, toMailOptions, toOidcOptions, toServerLimits } from './env.ts';
import { DEFAULT_LIMITS } from './http/limits.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

function envWith(values: Record<string, string>) {
  for (const [name, value] of Object.entries(values)) vi.stubEnv(name, value);
  return readEnv();
}
const secret = 'a secret of at least thirty-two characters';

test('readEnv requires a secret in production, and its error does not contain the value', () => {
  expect(() => envWith({ NODE_ENV: 'production' })).toThrow(/IT0_SECRET: required with NODE_ENV=production/);
  expect(() => envWith({ NODE_ENV: 'production', IT0_SECRET: 'too-short' })).toThrow(/^(?!.*too-short).*IT0_SECRET/);
  expect(envWith({ NODE_ENV: 'production', IT0_SECRET: secret }).IT0_SECRET).toBe(secret);
});

test('readEnv requires all settings of an identity provider, and IT0_URL for its redirects', () => {
  const provider = { OIDC_ISSUER: 'https://id.example.com', OIDC_CLIENT_ID: 'it0', OIDC_CLIENT_SECRET: 's' };
  expect(() => envWith({ OIDC_ISSUER: provider.OIDC_ISSUER })).toThrow(/set all of OIDC_ISSUER/);
  vi.unstubAllEnvs();
  expect(() => envWith(provider)).toThrow(/IT0_URL/);
  expect(toOidcOptions(envWith({ ...provider, IT0_URL: 'https://it0.example.com' }))).toEqual({
    issuer: 'https://id.example.com',
    clientId: 'it0',
    clientSecret: 's',
  });
  const trusted = { ...provider, IT0_URL: 'https://it0.example.com', OIDC_TRUST_EMAIL: 'yes' };
  expect(toOidcOptions(envWith(trusted))).toMatchObject({ trustEmail: true });
  expect(() => envWith({ ...trusted, OIDC_TRUST_EMAIL: 'true' })).toThrow(/OIDC_TRUST_EMAIL/);
});

test('readEnv requires all mail settings, and IT0_URL for links', () => {
  const mail = { SMTP_URL: 'smtps://it0:pass@mail.example.com', MAIL_FROM: 'IT0 <it0@example.com>' };
  expect(() => envWith({ SMTP_URL: mail.SMTP_URL })).toThrow(/set both SMTP_URL and MAIL_FROM/);
  vi.unstubAllEnvs();
  expect(() => envWith(mail)).toThrow(/IT0_URL/);
  const publicUrl = 'https://it0.example.com';
  expect(toMailOptions(envWith({ ...mail, IT0_URL: publicUrl }))).toEqual({
    url: mail.SMTP_URL,
    from: mail.MAIL_FROM,
    publicUrl,
  });
  for (const MAIL_FROM of ['nobody', 'it0@example.com\r\nBcc: a@b.c', 'a@b.c, d@e.f', '<a@b.c> <d@e.f>']) {
    expect(() => envWith({ MAIL_FROM })).toThrow(/^(?!.*@).*MAIL_FROM/);
  }
});

test('readEnv parses TRUST_PROXY as a list, and requires a long TRUST_PROXY_SECRET', () => {
  expect(envWith({ TRUST_PROXY: 'loopback, 10.0.0.0/8' }).TRUST_PROXY).toEqual(['loopback', '10.0.0.0/8']);
  expect(readEnv().IT0_TASKS_PER_MINUTE).toBe(120);
  expect(() => envWith({ TRUST_PROXY_SECRET: 'abc-xyz' })).toThrow(/^(?!.*xyz).*TRUST_PROXY_SECRET/);
});

test('readEnv parses IT0_URL to an origin, and refuses other parts of a URL in one line without the value', () => {
  const accepted = {
    'https://ops.example.com': 'https://ops.example.com',
    'https://ops.example.com/': 'https://ops.example.com',
    'HTTPS://Ops.Example.COM:443/': 'https://ops.example.com',
    'http://localhost:4000': 'http://localhost:4000',
    'http://[::1]:4000/': 'http://[::1]:4000',
  };
  for (const [IT0_URL, origin] of Object.entries(accepted)) expect(envWith({ IT0_URL }).IT0_URL).toBe(origin);
  const refused: [string, RegExp][] = [
    ['https://ops.example.com/?x=1', /must not contain \? or #/],
    ['https://ops.example.com?', /must not contain \? or #/],
    ['https://ops.example.com/#top', /must not contain \? or #/],
    ['https://ada:pw@ops.example.com', /user name or password/],
    ['https://ada@ops.example.com', /user name or password/],
    ['https://ops.example.com/it0', /must not have a path/],
    ['https://ops.example.com/it0/', /must not have a path/],
    ['https://ops.example.com//', /must not have a path/],
    ['ftp://ops.example.com', /an http or https address/],
    ['ops.example.com', /not an address/],
    ['ops.example.com:4000', /an http or https address/],
    ['https://', /not an address/],
  ];
  for (const [IT0_URL, message] of refused) {
    expect(() => envWith({ IT0_URL }), IT0_URL).toThrow(message);
    expect(() => envWith({ IT0_URL }), IT0_URL).toThrow(/^The server cannot start: IT0_URL: (?!.*(ops\.|pw)).*$/);
  }
});

test('readEnv accepts an address or a name as HOST, with or without brackets, and refuses a zone', () => {
  for (const [HOST, host] of [
    ['', '127.0.0.1'],
    ['[::1]', '::1'],
    ['::', '::'],
    ['my-host.lan', 'my-host.lan'],
  ] as const) {
    expect(envWith({ HOST }).HOST).toBe(host);
  }
  for (const HOST of ['fe80::1%eth0', 'http://localhost', 'localhost/', 'a b']) {
    expect(() => envWith({ HOST }), HOST).toThrow(/^The server cannot start: HOST: .*without a zone/);
  }
});

test('readEnv defaults MODEL_ALLOW to the public internet, and refuses an invalid list of hosts', () => {
  expect(readEnv().MODEL_ALLOW).toEqual(['internet']);
  expect(envWith({ MODEL_ALLOW: 'internet, localhost:8080' }).MODEL_ALLOW).toEqual(['internet', 'localhost:8080']);
  expect(() => envWith({ MODEL_ALLOW: 'http://localhost' })).toThrow('MODEL_ALLOW');
});

test('readEnv accepts only positive numbers as limits', () => {
  expect(toServerLimits(readEnv())).toEqual(DEFAULT_LIMITS);
  const env = envWith({ IT0_CALLS_PER_MINUTE: '10', IT0_STORAGE_MB: '5' });
  expect(toServerLimits(env)).toMatchObject({ callsPerMinute: 10, storage: { tenantMb: 5, unsentMb: 250 } });
  for (const value of ['0', '-1', 'many']) expect(() => envWith({ IT0_SOCKETS_PER_PERSON: value })).toThrow('SOCKETS');
});
