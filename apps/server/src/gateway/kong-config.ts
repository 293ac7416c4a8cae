import type { GatewayRoute } from './routes.ts';

/**
 * Formats the declarative configuration of Kong (3.x) for these routes. Kong prefers regular expressions by their
 * priority, and then the longest prefix; exact paths are expressions.
 */
export function formatKongConfig(routes: GatewayRoute[]): string {
  return `# Kong in front of IT0, for DB-less mode: KONG_DATABASE=off KONG_DECLARATIVE_CONFIG=kong.yml
# Set KONG_TRUSTED_IPS and KONG_REAL_IP_HEADER when another proxy is in front of Kong.
# Generated from apps/server/src/gateway/routes.ts by a test: npm test -- gateway -u
_format_version: "3.0"

upstreams:
  - name: it0
    algorithm: least-connections
    targets:
      - target: server-1:4000
      - target: server-2:4000
    healthchecks:
      active:
        type: http
        http_path: /readyz
        healthy: { interval: 2, successes: 1 }
        unhealthy: { interval: 1, http_failures: 1, tcp_failures: 1, timeouts: 2 }
      passive:
        unhealthy: { tcp_failures: 1, timeouts: 3 }

plugins:
  - name: correlation-id
    config: { header_name: X-Request-Id, generator: uuid, echo_downstream: true }

services:
${routes.map(formatService).join('\n')}`;
}

/**
 * Formats a service for each route, since the timeouts of Kong belong to services. A retry is another server for a
 * request that none has received; like nginx, Kong does not repeat a sent POST.
 */
function formatService(route: GatewayRoute): string {
  const { name, methods, idleSeconds } = route;
  return `  - name: it0-${name}
    host: it0
    port: 4000
    protocol: http
    connect_timeout: 5000
    read_timeout: ${idleSeconds * 1_000}
    write_timeout: ${idleSeconds * 1_000}
    retries: 2
    routes:
      - name: it0-${name}
        paths: ["${formatPath(route)}"]
        methods: [${methods.join(', ')}]
        strip_path: false
        preserve_host: true
        request_buffering: ${route.maxBytes <= 1024 * 1024}
        response_buffering: false
${formatPlugins(route)}`;
}

const formatPath = ({ path, match }: GatewayRoute) => (match === 'exact' ? `~${path.replaceAll('.', '\\\\.')}$` : path);

function formatPlugins({ access, maxBytes, perMinute }: GatewayRoute): string {
  const plugins =
    access === 'internal'
      ? ['- name: request-termination\n  config: { status_code: 404, message: Not found }']
      : [
          `- name: request-size-limiting\n  config: { allowed_payload_size: ${Math.max(1, Math.ceil(maxBytes / 1024))}, size_unit: kilobytes, require_content_length: false }`,
          ...(perMinute === undefined
            ? []
            : [`- name: rate-limiting\n  config: { minute: ${perMinute}, limit_by: ip, policy: local }`]),
        ];
  const lines = plugins.flatMap((plugin) => plugin.split('\n'));
  return `        plugins:\n${lines.map((line) => `          ${line}`).join('\n')}\n`;
}
