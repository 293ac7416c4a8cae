import type { GatewayRoute } from './routes.ts';

/**
 * Formats the configuration of nginx (1.18 or newer) for these routes. `$it0_*` values are in the file for people to
 * change; all other directives follow from the routes.
 */
export function formatNginxConfig(routes: GatewayRoute[]): string {
  const limited = routes.filter(({ perMinute }) => perMinute !== undefined);
  return `# nginx in front of IT0. Include it in the http block, and change the upstream, the names and the certificates.
# Generated from apps/server/src/gateway/routes.ts by a test: npm test -- gateway -u

upstream it0 {
  # All servers of one installation. A server that is restarted is skipped for some seconds.
  server server-1:4000 max_fails=1 fail_timeout=5s;
  server server-2:4000 max_fails=1 fail_timeout=5s;
  keepalive 256;
}

map $http_upgrade $it0_connection {
  default upgrade;
  ''      '';
}

# An id that the client or an earlier gateway sent is forwarded, so that a request has one id.
map $http_x_request_id $it0_request_id {
  default $request_id;
  '~^[\\w-]{8,64}$' $http_x_request_id;
}

${limited.map(({ name, perMinute }) => `limit_req_zone $binary_remote_addr zone=it0_${toVariable(name)}:10m rate=${perMinute}r/m;`).join('\n')}
limit_req_status 429;

server {
  listen 80;
  # listen 443 ssl http2;
  # ssl_certificate     /etc/nginx/it0.pem;
  # ssl_certificate_key /etc/nginx/it0.key;
  server_name _;
  server_tokens off;
  underscores_in_headers off;

  proxy_http_version 1.1;
  proxy_set_header Host $http_host;
  # Replaces what the client sent: the server trusts it with TRUST_PROXY.
  proxy_set_header X-Forwarded-For $remote_addr;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Request-Id $it0_request_id;
  # The value of TRUST_PROXY_SECRET. Without one, an empty value removes the header of a client.
  proxy_set_header X-Proxy-Secret "";
  proxy_set_header Connection "";
  add_header X-Request-Id $it0_request_id always;
  proxy_connect_timeout 5s;
  # Only what the server has not received is sent again, since it may have side effects.
  proxy_next_upstream error timeout;
  proxy_next_upstream_tries 2;
  # Replies and events are sent as they come; the server compresses its files itself.
  proxy_buffering off;
  gzip off;

${routes.map(formatLocation).join('\n\n')}
}
`;
}

const toVariable = (name: string) => name.replaceAll('-', '_');

function formatLocation({
  name,
  path,
  match,
  methods,
  access,
  maxBytes,
  perMinute,
  idleSeconds,
  webSocket,
  isRepeatable,
}: GatewayRoute) {
  const head = `  location ${match === 'exact' ? '=' : '^~'} ${path} {`;
  if (access === 'internal') return `${head}\n    return 404;\n  }`;
  const directives = [
    // GET includes HEAD here.
    `limit_except ${methods.filter((method) => method !== 'HEAD').join(' ')} { deny all; }`,
    `client_max_body_size ${maxBytes === 0 ? '1k' : `${Math.ceil(maxBytes / 1024)}k`};`,
    // A large upload is passed on while it arrives, and not first written to the gateway's disk.
    ...(maxBytes > 1024 * 1024 ? ['proxy_request_buffering off;'] : []),
    ...(perMinute === undefined
      ? []
      : [`limit_req zone=it0_${toVariable(name)} burst=${Math.ceil(perMinute / 6)} nodelay;`]),
    ...(isRepeatable ? ['proxy_next_upstream error timeout non_idempotent;'] : []),
    `proxy_read_timeout ${idleSeconds}s;`,
    `proxy_send_timeout ${idleSeconds}s;`,
    ...(webSocket ? ['proxy_set_header Upgrade $http_upgrade;', 'proxy_set_header Connection $it0_connection;'] : []),
    // A location with headers of its own does not inherit those above.
    ...(webSocket ? INHERITED : []),
    'proxy_pass http://it0;',
  ];
  return `${head}\n${directives.map((directive) => `    ${directive}`).join('\n')}\n  }`;
}

const INHERITED = [
  'proxy_set_header Host $http_host;',
  'proxy_set_header X-Forwarded-For $remote_addr;',
  'proxy_set_header X-Forwarded-Proto $scheme;',
  'proxy_set_header X-Request-Id $it0_request_id;',
  'proxy_set_header X-Proxy-Secret "";',
];
